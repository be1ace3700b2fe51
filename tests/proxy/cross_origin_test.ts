import assert from "node:assert/strict";
import { isPreflight, makeReadable, preflightAnswer } from "../../src/proxy/cross_origin.ts";

const ASKED = { origin: "app://obsidian.md", "access-control-request-method": "POST" };

/** `[what, method, headers, whether a browser asks for permission]` */
const REQUESTS: [string, string, Record<string, string>, boolean][] = [
  ["a preflight", "OPTIONS", ASKED, true],
  ["a request of the page", "POST", ASKED, false],
  ["OPTIONS of a page", "OPTIONS", { origin: "app://obsidian.md" }, false],
  ["OPTIONS of a program", "OPTIONS", { "access-control-request-method": "POST" }, false],
];

for (const [what, method, headers, isAsked] of REQUESTS) {
  Deno.test(`isPreflight() is ${isAsked} for ${what}`, () => {
    assert.equal(isPreflight(method, new Headers(headers)), isAsked);
  });
}

Deno.test("preflightAnswer() permits what was asked for, and nothing that was not", () => {
  const asked = new Headers({ ...ASKED, "access-control-request-headers": "authorization,content-type" });
  const { status, headers } = preflightAnswer(asked);
  assert.equal(status, 204);
  assert.deepEqual(Object.fromEntries(headers), {
    "access-control-allow-headers": "authorization,content-type",
    "access-control-allow-methods": "POST",
    "access-control-max-age": "600",
  });
  assert.equal(preflightAnswer(new Headers(ASKED)).headers.has("access-control-allow-headers"), false);
});

Deno.test("preflightAnswer() permits a private address when that is asked for", () => {
  const asked = new Headers({ ...ASKED, "access-control-request-private-network": "true" });
  assert.equal(preflightAnswer(asked).headers.get("access-control-allow-private-network"), "true");
});

Deno.test("makeReadable() names the one origin, and keeps what the answer varies by", () => {
  const headers = new Headers({ vary: "accept" });
  makeReadable(headers, "app://obsidian.md");
  assert.equal(headers.get("access-control-allow-origin"), "app://obsidian.md");
  assert.equal(headers.get("vary"), "accept, origin");
});
