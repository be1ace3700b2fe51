import assert from "node:assert/strict";
import { bodyTooLarge, forCodex, refusal, toResponse, unknownKey } from "../../src/proxy/refusal.ts";
import { SECOND, T0 } from "../support/builders.ts";

Deno.test("toResponse() writes the error as OpenAI clients read it", async () => {
  const retry = { afterS: 30, resetsAtS: T0 / SECOND + 30 };
  const refused = refusal(429, "usage_limit_reached", "no quota", retry);
  const response = toResponse(refused, "req_9");
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "30");
  assert.equal(response.headers.get("x-cdx2-request-id"), "req_9");
  assert.deepEqual(await response.json(), {
    error: {
      type: "usage_limit_reached",
      message: "no quota",
      resets_at: T0 / SECOND + 30,
      resets_in_seconds: 30,
    },
  });
});

Deno.test("bodyTooLarge() names the limit and what raises it", () => {
  assert.match(bodyTooLarge(64 * 1024 * 1024).message, /64 MiB.*CLIPROXY_BODY_LIMIT_MB/);
});

Deno.test("unknownKey() says which names would do, with a status that ends the client's retries", () => {
  const problem = { reason: 'no key is called "x"', hint: "the keys are a.json" };
  assert.deepEqual([unknownKey(problem, true).status, unknownKey(problem, false).status], [400, 404]);
  assert.match(unknownKey(problem, false).message, /no key is called "x"; the keys are a\.json$/);
});

Deno.test("a refusal for Codex is a 400 in plain text, because Codex prints the body as it is", async () => {
  const response = toResponse(forCodex(refusal(503, "no_keys", "cdx2 has no usable key")), "req_9");
  assert.equal(response.status, 400);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(await response.text(), "cdx2 has no usable key\n");
});
