/**
 * The bill of materials of the executable, from `deno.lock`: CycloneDX 1.6, as JSON. Only what the lock file knows is in
 * it, so the same lock file gives the same text.
 * @module
 */

/** The part of `deno.lock`, version 5, that is read here. */
export interface LockFile {
  readonly npm?: Readonly<
    Record<string, { readonly integrity?: string; readonly dependencies?: readonly string[] }>
  >;
}

/** What is described. */
export interface Product {
  readonly name: string;
  readonly version: string;
  /** The version of Deno whose runtime the executable carries. */
  readonly deno: string;
}

/** The text of the file. */
export function billOfMaterials(lock: LockFile, { name, version, deno }: Product): string {
  const packages = Object.entries(lock.npm ?? {});
  const main = { type: "application", name, version, "bom-ref": `${name}@${version}` };
  const runtime = {
    type: "platform",
    name: "deno",
    version: deno,
    "bom-ref": `deno@${deno}`,
    purl: `pkg:github/denoland/deno@v${deno}`,
  };
  const components = packages.map(([id, { integrity }]) => {
    const [packageName, packageVersion] = partsOf(id);
    const purl = `pkg:npm/${packageName.replace("@", "%40")}@${packageVersion}`;
    return {
      type: "library",
      name: packageName,
      version: packageVersion,
      "bom-ref": purl,
      purl,
      ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
    };
  });
  const all = [runtime, ...components];
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: main },
    components: all,
    dependencies: [{ ref: main["bom-ref"], dependsOn: all.map((component) => component["bom-ref"]) }],
  };
  return JSON.stringify(bom, null, 2) + "\n";
}

/** `@scope/name@1.2.3_peer@4` is the package `@scope/name` of version 1.2.3. */
function partsOf(id: string): readonly [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return [id.slice(0, at), id.slice(at + 1).split("_")[0]!];
}

/** From the form of npm, `sha512-` and base64 (W3C Subresource Integrity), to hexadecimal digits. */
function hashOf(integrity: string): { readonly alg: string; readonly content: string } {
  const [algorithm = "", base64 = ""] = integrity.split(/-(.*)/s);
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return { alg: algorithm.replace("sha", "SHA-"), content: bytes.toHex() };
}
