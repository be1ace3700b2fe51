import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { wholeNumber } from "../../src/config/setting_kinds.ts";
import { addServiceOptions, flagsOf, parsedAs } from "../../src/cli/options.ts";

function flagsIn(...args: string[]) {
  const command = addServiceOptions(new Command(), { hasSettings: true }).exitOverride().action(() => {});
  command.parse(args, { from: "user" });
  return flagsOf(command);
}

Deno.test("flagsOf() returns the given text by setting", () => {
  assert.deepEqual(flagsIn("--port", "8317", "--auth-dir=~/keys", "-q"), { port: "8317", authDir: "~/keys" });
});

Deno.test("flagsOf() turns a switch on and leaves out missing options", () => {
  assert.deepEqual(flagsIn("--allow-non-loopback"), { allowNonLoopback: "on" });
  assert.deepEqual(flagsIn(), {});
});

Deno.test("parsedAs() takes what the kind allows, and says what that is", () => {
  const read = parsedAs(wholeNumber(1));
  assert.deepEqual(["1", "0042"].map(read), [1, 42]);
  for (const text of ["0", "-1", "1.5", "1e3", "", "many"]) {
    assert.throws(() => read(text), /whole number from 1/);
  }
});
