import assert from "node:assert/strict";
import { workerFiles } from "../../src/runtime/worker_files.ts";
import { inFolder } from "../support/temp_folder.ts";

Deno.test("workerFiles() keeps its hands off what another service keeps, and writes the logs on", () =>
  inFolder(async (folder) => {
    const { files, disown } = workerFiles();
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
  }));

Deno.test("workerFiles() replaces a file through a name that is known before, whatever stands there", () =>
  inFolder(async (folder) => {
    const { files } = workerFiles();
    await Deno.writeTextFile(`${folder}/precious`, "untouched");
    await Deno.symlink(`${folder}/precious`, `${folder}/state.worker.tmp`);
    await files.writeAtomic(`${folder}/state`, "first");
    await Deno.writeTextFile(`${folder}/state.worker.tmp`, "left by a crash");
    await files.writeAtomic(`${folder}/state`, "second");
    assert.deepEqual(await files.list(folder), ["precious", "state"]);
    assert.deepEqual(
      [await files.readText(`${folder}/precious`), await files.readText(`${folder}/state`)],
      ["untouched", "second"],
    );
    assert.equal((await files.info(`${folder}/state`))!.mode, Deno.build.os === "windows" ? 0 : 0o600);
  }));
