import assert from "node:assert/strict";
import { wayOf } from "../../src/auth/own_upstream.ts";
import { parseAuthFile } from "../../src/auth/record.ts";

/** `[what the file says, the upstream]` */
const UPSTREAMS: [unknown, string | undefined][] = [
  [undefined, undefined],
  [null, undefined],
  ["", undefined],
  ["https://api.openai.com/v1", "https://api.openai.com/v1"],
  [" https://api.openai.com/v1/ ", "https://api.openai.com/v1"],
  ["https://chatgpt.com", "https://chatgpt.com/backend-api"],
  ["http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"],
  ["http://[::1]:9", "http://[::1]:9"],
  ["http://localhost", "http://localhost"],
];

for (const [upstream, expected] of UPSTREAMS) {
  Deno.test(`wayOf() takes the upstream ${JSON.stringify(upstream)} as ${expected}`, () => {
    assert.deepEqual(wayOf({ upstream }), { upstream: expected, models: {} });
  });
}

/** Otherwise the token would go to the upstream of the settings. */
const REFUSED: unknown[] = [
  "api.openai.com",
  "http://api.openai.com/v1",
  "http://localhost.example/v1",
  "ftp://api.openai.com",
  "https://user:pass@api.openai.com/v1",
  "https://api.openai.com/v1?key=1",
  "https://api.openai.com/v1#x",
  "nonsense",
  7,
  ["https://api.openai.com"],
];

for (const upstream of REFUSED) {
  Deno.test(`parseAuthFile() gives no key with the upstream ${JSON.stringify(upstream)}, and does not quote it`, () => {
    const parsed = parseAuthFile("a.json", JSON.stringify({ token: "t", upstream }));
    assert.match(parsed.kind === "rejected" ? parsed.reason : "", /^its "upstream" is not the base URL/);
    assert.doesNotMatch(JSON.stringify(parsed), /pass|key=1|nonsense/);
  });
}

const MANY = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`m${at}`, "m"]));

for (
  const models of [[], "x", { a: 1 }, { a: "" }, { 'a"b': "c" }, { a: "b\n" }, { a: "b".repeat(129) }, MANY]
) {
  Deno.test(`wayOf() takes no models of ${JSON.stringify(models).slice(0, 40)}`, () => {
    assert.match(String(wayOf({ models })), /^its "models" is not a table of at most 64 model names$/);
  });
}

Deno.test("wayOf() takes a table of model names", () => {
  const models = { "gpt-6.1-sol": "gpt-6.1", "org/a:b@1": "c" };
  assert.deepEqual(wayOf({ models }), { upstream: undefined, models });
});
