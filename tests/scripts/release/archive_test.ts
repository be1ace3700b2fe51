import assert from "node:assert/strict";
import { gzipped, zipped } from "../../../scripts/release/archive.ts";
import { saidBy, testWith } from "../../support/installed.ts";
import { inFolder } from "../../support/temp_folder.ts";

const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * index) % 251);

testWith("gunzip", "gzipped() is what gunzip unpacks, and the same each time", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.gz`, await gzipped(BYTES));
    assert.equal(await saidBy("gunzip", [`${folder}/a.gz`]), "");
    assert.deepEqual(await Deno.readFile(`${folder}/a`), BYTES);
    assert.deepEqual(await gzipped(BYTES), await gzipped(BYTES));
  });
});

testWith("python3", "zipped() is a zip that another program reads and finds whole", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.zip`, await zipped("cdx2.exe", BYTES));
    const script =
      "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist()); z.extractall(sys.argv[2])";
    assert.equal(await saidBy("python3", ["-c", script, `${folder}/a.zip`, folder]), "None ['cdx2.exe']\n");
    assert.deepEqual(await Deno.readFile(`${folder}/cdx2.exe`), BYTES);
  });
});
