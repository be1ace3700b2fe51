/**
 * Makes the files of a release: packed executables, checksums, a bill of materials, notes, installers with the address in
 * them, a Homebrew formula, a Scoop manifest and the packages of npm. It uploads nothing.
 *
 *   deno task release --address https://host/cdx2/releases [--out dist/release] [--tag v1.2.3]
 *     [--target TRIPLE]… [--from FOLDER]
 *
 * Executables are compiled, without `--target` the one for this machine; or with `--from` taken from a folder, where they
 * are called `cdx2-TRIPLE`, without `--target` those for all systems. A release is found at `<address>/download/v1.2.3/`, the latest also at `<address>/latest/download/`.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import { VERSION } from "../src/cli/version.ts";
import { makePackages } from "./npm/packages.ts";
import { gzipped, zipped } from "./release/archive.ts";
import { billOfMaterials } from "./release/sbom.ts";
import { archiveName, executableName, hostTarget, type Target, TARGETS } from "./release/targets.ts";
import { checksumLines, filled, type Filling, notesFor, sha256 } from "./release/texts.ts";

const ROOT = new URL("../", import.meta.url);

/** What a release is made of. */
interface Wish {
  readonly address: string;
  readonly out: string;
  readonly targets: readonly Target[];
  /** A folder with executables; `undefined`: they are compiled. */
  readonly from: string | undefined;
}

if (import.meta.main) {
  try {
    const wish = wishOf(Deno.args);
    await release(wish);
    console.log(`the files of cdx2 ${VERSION} are in ${wish.out}`);
  } catch (error) {
    console.error(`Cannot make the release: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

function wishOf(args: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      address: { type: "string" },
      out: { type: "string", default: "dist/release" },
      tag: { type: "string" },
      target: { type: "string", multiple: true },
      from: { type: "string" },
    },
  });
  if (!/^https?:\/\/[^/]+/.test(values.address ?? "")) {
    throw new Error("--address wants the URL of the releases");
  }
  if (values.tag !== undefined && values.tag !== `v${VERSION}`) {
    throw new Error(`the tag ${values.tag} is not v${VERSION}, which src/cli/version.ts says`);
  }
  const targets = values.target?.map((triple) => {
    const target = TARGETS.find((known) => known.triple === triple);
    if (target === undefined) throw new Error(`there is no target ${triple}`);
    return target;
  });
  return {
    address: values.address!.replace(/\/+$/, ""),
    out: values.out,
    targets: targets ?? (values.from === undefined ? [hostTarget()] : TARGETS),
    from: values.from,
  };
}

async function release({ address, out, targets, from }: Wish): Promise<void> {
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await Deno.mkdir(out, { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "cdx2-release-" });
  try {
    const executables = new Map<Target, string>();
    for (const target of targets) {
      executables.set(
        target,
        from ? `${from}/${executableName(target)}` : await compiled(work, target, address),
      );
    }
    const sums = new Map<string, string>();
    const write = async (name: string, content: Uint8Array | string) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${out}/${name}`, bytes);
      sums.set(name, await sha256(bytes));
    };
    for (const [target, path] of executables) await write(archiveName(target), await packed(target, path));
    for (const [name, content] of await texts({ address, targets, sums })) await write(name, content);
    for (const path of await makePackages(`${work}/npm`, executables, VERSION)) {
      const tarball = await npmPack(path, out);
      sums.set(tarball, await sha256(await Deno.readFile(`${out}/${tarball}`)));
    }
    await Deno.writeTextFile(`${out}/SHA256SUMS`, checksumLines(sums));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function packed(target: Target, path: string): Promise<Uint8Array> {
  const bytes = await Deno.readFile(path);
  return target.os === "win32" ? await zipped("cdx2.exe", bytes) : await gzipped(bytes);
}

/** Everything that is text, by the name of its file. */
async function texts(
  { address, targets, sums }: Pick<Wish, "address" | "targets"> & Pick<Filling, "sums">,
): Promise<readonly (readonly [name: string, text: string])[]> {
  const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
  const filling = { version: VERSION, address, sums };
  const isForWindows = targets.some(({ os }) => os === "win32");
  const product = { name: "cdx2", version: VERSION, deno: Deno.version.deno };
  return [
    ["install.sh", filled(await read("scripts/install.sh"), filling)],
    ["install.ps1", filled(await read("scripts/install.ps1"), filling)],
    ["cdx2.rb", filled(await read("scripts/release/templates/cdx2.rb"), filling)],
    ...(isForWindows
      ? [["scoop.json", filled(await read("scripts/release/templates/scoop.json"), filling)] as const]
      : []),
    ["latest.json", JSON.stringify({ version: VERSION }) + "\n"],
    ["sbom.cdx.json", billOfMaterials(JSON.parse(await read("deno.lock")), product)],
    ["notes.md", notesFor(await read("docs/changelog.md"), VERSION)],
  ];
}

async function compiled(folder: string, target: Target, address: string): Promise<string> {
  const path = `${folder}/${executableName(target)}`;
  const isHost = target.triple === Deno.build.target;
  await run(Deno.execPath(), [
    ...["run", "-A", new URL("scripts/compile.ts", ROOT).href, "--out", path, "--releases-url", address],
    ...(isHost ? [] : ["--target", target.triple]),
  ]);
  return path;
}

/** The name of the tarball, which it writes into `out`. */
async function npmPack(folder: string, out: string): Promise<string> {
  const said = await run("npm", ["pack", "--silent", "--pack-destination", out, folder]);
  return said.trim().split("\n").at(-1)!;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${command} ${args.join(" ")} failed\n${new TextDecoder().decode(stderr)}`);
}
