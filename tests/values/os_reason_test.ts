import assert from "node:assert/strict";
import { osReason } from "../../src/values/os_reason.ts";

const REASONS: readonly (readonly [string, string])[] = [
  ["Broken pipe (os error 32)", "broken pipe"],
  ["Permission denied (os error 13): open '/keys/a.json'", "permission denied"],
  ["Text file busy (os error 26)\nin a second line", "text file busy"],
  ["Connection closed", "connection closed"],
  ["", ""],
];

for (const [message, reason] of REASONS) {
  Deno.test(`osReason() of ${JSON.stringify(message)} is "${reason}"`, () => {
    assert.equal(osReason(message), reason);
  });
}
