import assert from "node:assert/strict";
import { COMMAND_LIST, type CommandName, listed } from "../../src/cli/command_list.ts";
import { allCommands } from "../../src/cli/commands.ts";

Deno.test("each command says of itself what the list says, in the order of the list", async () => {
  const own = (await allCommands()).map(({ name, group, summary, isHidden }) => ({
    name,
    group,
    summary,
    isHidden,
  }));
  assert.deepEqual(own, (Object.keys(COMMAND_LIST) as CommandName[]).map(listed));
});

Deno.test("a command without a heading is hidden", () => {
  assert.deepEqual(["status", "run-server"].map((name) => listed(name as CommandName).isHidden), [
    false,
    true,
  ]);
});
