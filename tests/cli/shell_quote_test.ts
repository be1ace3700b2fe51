// That shells read these words as they were is tested with whole environments in shell_env_test.ts.

import assert from "node:assert/strict";
import { fishQuoted, powershellQuoted, shQuoted } from "../../src/cli/shell_quote.ts";

const QUOTED = [
  [shQuoted, "it's $HOME", `'it'\\''s $HOME'`],
  [fishQuoted, "it's \\ $HOME", `'it\\'s \\\\ $HOME'`],
  [powershellQuoted, "it's ‘a’ $HOME", `'it''s ‘‘a’’ $HOME'`],
] as const;

for (const [quote, text, quoted] of QUOTED) {
  Deno.test(`${quote.name}() makes ${text} one literal word`, () => assert.equal(quote(text), quoted));
}
