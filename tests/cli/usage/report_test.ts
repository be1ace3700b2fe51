import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { keyLabel } from "../../../src/observability/key_label.ts";
import { UsageHistory } from "../../../src/observability/usage/history.ts";
import { openSystemDatabase } from "../../../src/system/database.ts";
import { systemFiles } from "../../../src/system/files.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { inFolder } from "../../support/temp_folder.ts";
import { aBatch, anAttemptEntry } from "../../support/usage.ts";

const FILE = "ann@example.com.json";

/** A machine with a key whose name the history does not know, and a history with an attempt of it. */
async function inWorld(act: (world: CliWorld) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const path = `${folder}/usage.sqlite`;
    const world = new CliWorld();
    const atMs = world.machine.clock.nowMs();
    {
      using history = await UsageHistory.open(
        { files: systemFiles, openDatabase: openSystemDatabase, path },
        assert.fail,
      );
      const window = {
        atMs,
        key: keyLabel(FILE),
        windowSeconds: 18_000,
        usedPercent: 5,
        resetAtMs: undefined,
      };
      history.write(aBatch({ attempts: [anAttemptEntry({ atMs, key: keyLabel(FILE) })], windows: [window] }));
    }
    world.machine.files.put(`${AUTH_DIR}/${FILE}`, '{"access_token":"token-of-ann"}');
    world.machine.files.put(runtimePaths(AUTH_DIR).usageFile, "a database");
    world.openDatabase = (_path, options) => openSystemDatabase(path, options);
    await act(world);
  });
}

Deno.test("usage calls a key as the folder does, although the history has no e-mail address", () =>
  inWorld(async (world) => {
    const { rows, forecast } = JSON.parse((await world.run("usage --json")).out);
    assert.deepEqual([rows[0].name, forecast.keys[0].key], [FILE, FILE]);
    assert.match((await world.run("usage --html -")).out, /<td>ann@example\.com\.json<\/td>/);
  }));

Deno.test("usage --html reads the history once for all of its tables and plots", () =>
  inWorld(async (world) => {
    let opened = 0;
    const open = world.openDatabase;
    world.openDatabase = (...how) => (opened++, open(...how));
    const { out } = await world.run("usage --html -");
    assert.match(out, /<td>ann@example\.com\.json<\/td>/);
    assert.equal(opened, 1);
  }));

Deno.test("usage of a history that is damaged fails with words", () =>
  inWorld(async (world) => {
    world.openDatabase = new CliWorld().openDatabase;
    const { code, err } = await world.run("usage");
    assert.equal(code, 1);
    assert.match(err, /^The usage history cannot be read: file is not a database\nhint: /);
  }));
