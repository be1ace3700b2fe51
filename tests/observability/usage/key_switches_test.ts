import assert from "node:assert/strict";
import { KeySwitches } from "../../../src/observability/usage/key_switches.ts";

function switchesOf(
  list: readonly (readonly [session: string, key: string, attempt?: number])[],
  max?: number,
) {
  const switches = new KeySwitches(max);
  return list.map(([session, key, attempt = 1]) => switches.isSwitch({ session, key, attempt }));
}

Deno.test("a switch is an answer of another key than the last in the session", () => {
  assert.deepEqual(switchesOf([["s", "a"], ["t", "b"], ["s", "a", 2], ["s", "b"]]), [
    false,
    false,
    false,
    true,
  ]);
});

Deno.test("where no answer of the session is known, a switch is one after the first attempt", () => {
  assert.deepEqual(switchesOf([["", "a"], ["", "b"], ["", "b", 2], ["s", "a", 2]]), [
    false,
    false,
    true,
    true,
  ]);
});

Deno.test("of too many sessions, the one that was answered longest ago is forgotten", () => {
  const answers = [["s", "a"], ["t", "a"], ["s", "a"], ["u", "a"], ["s", "b"], ["t", "b"]] as const;
  assert.deepEqual(switchesOf(answers, 2), [false, false, false, false, true, false]);
});
