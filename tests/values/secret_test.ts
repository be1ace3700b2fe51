import assert from "node:assert/strict";
import { Secret } from "../../src/values/secret.ts";

Deno.test("Secret is redacted however it is printed", () => {
  const secret = new Secret("token-that-must-not-show");
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    Deno.inspect(secret, { showHidden: true, depth: 9 }),
    Deno.inspect({ nested: [secret] }),
    Object.entries(secret).join(),
  ];
  for (const text of shown) assert.ok(!text.includes("must-not-show"), text);
  assert.equal(JSON.stringify({ secret }), '{"secret":"[REDACTED]"}');
});

Deno.test("Secret compares by its text, and reveal() gives it back", () => {
  assert.ok(new Secret("a").equals(new Secret("a")));
  assert.ok(!new Secret("a").equals(new Secret("b")));
  assert.equal(new Secret("a").reveal(), "a");
});
