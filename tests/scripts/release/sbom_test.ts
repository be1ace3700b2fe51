import assert from "node:assert/strict";
import { billOfMaterials } from "../../../scripts/release/sbom.ts";

const PRODUCT = { name: "cdx2", version: "1.2.3", deno: "2.9.6" };

Deno.test("billOfMaterials() names each package of the lock file with its hash", () => {
  const npm = {
    "zod@4.6.7": { integrity: "sha512-AAEC" },
    "@a/b@1.0.0_commander@15.1.0": { integrity: "sha512-/w==" },
  };
  const bom = JSON.parse(billOfMaterials({ npm }, PRODUCT));
  assert.deepEqual([bom.bomFormat, bom.specVersion, bom.metadata.component.version], [
    "CycloneDX",
    "1.6",
    "1.2.3",
  ]);
  assert.deepEqual(
    bom.components.slice(1).map(({ purl, hashes }: { purl: string; hashes: unknown }) => [purl, hashes]),
    [
      ["pkg:npm/zod@4.6.7", [{ alg: "SHA-512", content: "000102" }]],
      ["pkg:npm/%40a/b@1.0.0", [{ alg: "SHA-512", content: "ff" }]],
    ],
  );
});

Deno.test("billOfMaterials() of our lock file refers only to what it lists, each once", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url)));
  const bom = JSON.parse(billOfMaterials(lock, PRODUCT));
  const refs = bom.components.map((component: { "bom-ref": string }) => component["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(bom.dependencies[0].dependsOn, refs);
  assert.ok(refs.some((ref: string) => ref.startsWith("pkg:npm/commander@")));
  assert.equal(billOfMaterials(lock, PRODUCT), billOfMaterials(lock, PRODUCT));
});
