import assert from "node:assert/strict";
import { archiveName, executableName, hostTarget, TARGETS } from "../../../scripts/release/targets.ts";

Deno.test("each target has files of its own", () => {
  assert.equal(new Set(TARGETS.map(archiveName)).size, TARGETS.length);
  const windows = TARGETS.find(({ os }) => os === "win32")!;
  assert.equal(executableName(windows), "cdx2-x86_64-pc-windows-msvc.exe");
  assert.equal(archiveName(windows), "cdx2-x86_64-pc-windows-msvc.zip");
  assert.equal(hostTarget().triple, Deno.build.target);
});

for (const workflow of ["ci", "release"]) {
  Deno.test(`the ${workflow} workflow compiles for each target`, async () => {
    const text = await Deno.readTextFile(
      new URL(`../../../.github/workflows/${workflow}.yml`, import.meta.url),
    );
    const named = text.match(/[a-z0-9_]+-(?:unknown|apple|pc)-[a-z-]+/g);
    assert.deepEqual(named, TARGETS.map(({ triple }) => triple));
  });
}
