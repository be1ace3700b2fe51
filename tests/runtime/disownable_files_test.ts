import assert from "node:assert/strict";
import { disownableFiles } from "../../src/runtime/disownable_files.ts";
import { systemFiles } from "../../src/system/files.ts";

Deno.test("disownableFiles() keeps its hands off what another service keeps, and writes the logs on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { files, disown } = disownableFiles(systemFiles);
    await files.writeAtomic(`${folder}/state`, "ours");
    disown();
    await Deno.writeTextFile(`${folder}/state`, "theirs");
    await files.writeAtomic(`${folder}/state`, "ours again");
    const log = await files.openAppend(`${folder}/log`);
    await log.write(new TextEncoder().encode("a line"));
    log.close();
    assert.deepEqual(
      [await files.readText(`${folder}/state`), await files.readText(`${folder}/log`)],
      ["theirs", "a line"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
