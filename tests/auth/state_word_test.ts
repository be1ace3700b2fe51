import assert from "node:assert/strict";
import { stateWord } from "../../src/auth/state_word.ts";

for (
  const [state, word] of [
    ["ok", "ok"],
    ["OK", "ok"],
    ["whitelist", "ok"],
    ["BLACKLIST", "blacklisted"],
    ["blacklist", "blacklisted"],
    ["COOLDOWN", "cooldown"],
    ["probation", "probation"],
    ["expired", "expired"],
    ["NEW_STATE", "new_state"],
    ["constructor", "constructor"],
  ] as const
) {
  Deno.test(`stateWord() calls ${state} ${word}`, () => assert.equal(stateWord(state), word));
}
