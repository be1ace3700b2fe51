import assert from "node:assert/strict";
import { joined, separated, tokensForServing, withEntry } from "../../src/auth/kept_tokens.ts";
import { parseAuthFile } from "../../src/auth/record.ts";
import { SENT_NAMES } from "../../src/auth/token_names.ts";

for (const name of SENT_NAMES) {
  Deno.test(`a key with its token in ${name} serves from the keyring, too`, () => {
    const { fileText, tokens } = separated(withEntry(`{"${name}":"sk-long-enough-1"}`, "Entry0001"))!;
    const parsed = parseAuthFile("a.json", joined(fileText, tokensForServing(tokens)!)!);
    assert.equal(parsed.kind === "key" && parsed.record.token.reveal(), "sk-long-enough-1");
  });
}
