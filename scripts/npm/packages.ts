/**
 * The packages of npm: `cdx2` with a launcher, and one package with the executable for each system, of which npm installs
 * the one that fits.
 * @module
 */

import type { Target } from "../release/targets.ts";

const ABOUT = {
  description: "Local proxy that sends each Codex request with one of your keys",
  license: "MIT",
};

/** The name of the package for one system. */
export function platformPackage({ os, cpu }: Target): string {
  return `cdx2-${os}-${cpu}`;
}

/** Makes the packages in folders of `folder`. Resolves with their paths, that of the launcher last. */
export async function makePackages(
  folder: string,
  executables: ReadonlyMap<Target, string>,
  version: string,
): Promise<readonly string[]> {
  const platforms = await Promise.all([...executables].map(async ([target, executable]) => {
    const path = `${folder}/${platformPackage(target)}`;
    const name = `cdx2${target.os === "win32" ? ".exe" : ""}`;
    await Deno.mkdir(path, { recursive: true });
    await Deno.copyFile(executable, `${path}/${name}`);
    if (Deno.build.os !== "windows") await Deno.chmod(`${path}/${name}`, 0o755);
    const manifest = { os: [target.os], cpu: [target.cpu], files: [name], preferUnplugged: true };
    await writeManifest(path, { name: platformPackage(target), version, ...ABOUT, ...manifest });
    return path;
  }));
  const path = `${folder}/cdx2`;
  await Deno.mkdir(path, { recursive: true });
  await copyInto(path, "launcher.js");
  await copyInto(path, "README.md");
  const optional = [...executables.keys()].map((target) => [platformPackage(target), version] as const);
  await writeManifest(path, {
    ...{ name: "cdx2", version, ...ABOUT },
    bin: { cdx2: "launcher.js" },
    files: ["launcher.js"],
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(optional),
  });
  return [...platforms, path];
}

async function copyInto(folder: string, name: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/${name}`, await Deno.readTextFile(new URL(name, import.meta.url)));
}

async function writeManifest(folder: string, manifest: object): Promise<void> {
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest, null, 2) + "\n");
}
