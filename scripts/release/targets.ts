/**
 * The systems that a release is for, and what their files are called.
 * @module
 */

/** One system. */
export interface Target {
  /** As Deno and Rust name it. */
  readonly triple: string;
  /** As Node names it, and so the package of npm. */
  readonly os: "linux" | "darwin" | "win32";
  readonly cpu: "x64" | "arm64";
}

export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", os: "linux", cpu: "x64" },
  { triple: "aarch64-unknown-linux-gnu", os: "linux", cpu: "arm64" },
  { triple: "x86_64-apple-darwin", os: "darwin", cpu: "x64" },
  { triple: "aarch64-apple-darwin", os: "darwin", cpu: "arm64" },
  { triple: "x86_64-pc-windows-msvc", os: "win32", cpu: "x64" },
];

/** The target of the machine that this script runs on. */
export function hostTarget(): Target {
  const found = TARGETS.find(({ triple }) => triple === Deno.build.target);
  if (found) return found;
  throw new Error(`there are no releases for ${Deno.build.target}`);
}

/** The name of the executable before it is packed. */
export function executableName({ triple, os }: Target): string {
  return `cdx2-${triple}${os === "win32" ? ".exe" : ""}`;
}

/** The name of the packed executable. */
export function archiveName({ triple, os }: Target): string {
  return `cdx2-${triple}.${os === "win32" ? "zip" : "gz"}`;
}
