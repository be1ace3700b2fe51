import assert from "node:assert/strict";
import fc from "fast-check";
import { claimsOf } from "../../src/auth/jwt.ts";

function base64url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

Deno.test("claimsOf() reads a payload with letters beyond ASCII and base64url's own characters", () => {
  const payload = base64url('{"name":"ÿ?>~ö"}');
  assert.match(payload, /[-_]/);
  assert.deepEqual(claimsOf(`h.${payload}.s`), { name: "ÿ?>~ö" });
});

for (const token of ["", "sk-key", "a.b.c", ".", `h.${base64url("[1]")}.s`, `h.${base64url('"x"')}.s`]) {
  Deno.test(`claimsOf() finds nothing in ${JSON.stringify(token)}`, () => {
    assert.deepEqual(claimsOf(token), {});
  });
}

Deno.test("claimsOf() gives an object for every text", () => {
  const payload = fc.oneof(fc.string(), fc.json().map(base64url));
  fc.assert(fc.property(fc.string(), payload, (head, body) => {
    assert.equal(typeof claimsOf(`${head}.${body}`), "object");
  }));
});
