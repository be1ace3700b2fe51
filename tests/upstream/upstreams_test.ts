import assert from "node:assert/strict";
import { Upstreams } from "../../src/upstream/upstreams.ts";
import { aRecord } from "../support/builders.ts";

const MAIN = aRecord("a", { accountId: "acct-a" });
const OWN = aRecord("b", { upstream: "https://api.openai.com/v1", accountId: undefined });

Deno.test("of() is the key's own upstream, else that of the settings", () => {
  const upstreams = new Upstreams("https://chatgpt.com/backend-api");
  assert.equal(upstreams.of(MAIN), upstreams.main);
  assert.equal(upstreams.of(OWN).origin, "https://api.openai.com");
  assert.equal(upstreams.of(OWN), upstreams.of(OWN));
});

Deno.test("headersWithKey() gives the token of a key to no other upstream than its own", () => {
  const upstreams = new Upstreams("https://chatgpt.com/backend-api");
  const incoming = new Headers({ "chatgpt-account-id": "acct-of-the-client", authorization: "Bearer x" });
  assert.throws(
    () => upstreams.main.headersWithKey(incoming, OWN),
    /the token of b\.json must not be sent to/,
  );
  const sent = upstreams.of(OWN).headersWithKey(incoming, OWN);
  assert.equal(sent.get("authorization"), `Bearer ${OWN.token.reveal()}`);
  assert.equal(sent.get("chatgpt-account-id"), null);
});

/** `[path of the client, URL at an API]` */
const PATHS: [string, string][] = [
  ["/backend-api/codex/responses", "https://api.openai.com/v1/responses"],
  ["/backend-api/codex/responses/compact", "https://api.openai.com/v1/responses/compact"],
  ["/v1/responses", "https://api.openai.com/v1/responses"],
  ["/responses", "https://api.openai.com/v1/responses"],
];

for (const [path, url] of PATHS) {
  Deno.test(`an API knows ${path} as ${url}`, () => {
    assert.equal(new Upstreams("https://x.example").of(OWN).target(path, "").url, url);
  });
}
