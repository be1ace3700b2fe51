import assert from "node:assert/strict";
import { versionPage } from "../../../src/cli/version_command/page.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("version --json answers what is declared, with and without --check", async () => {
  const world = new CliWorld();
  world.env = { ...world.env, CDX2_RELEASES_URL: "https://host/releases" };
  world.upstream = new FakeSend(answer(200, { version: "99.0.0" }));
  const json = async (line: string) => JSON.parse((await world.run(line)).out);
  assertIs(versionPage, await json("version --json"));
  const checked = await json("version --check --json");
  assertIs(versionPage, checked);
  assert.deepEqual([checked.newest, checked.newer], ["99.0.0", true]);
});
