import assert from "node:assert/strict";
import type { UsageAnswer } from "../../src/auth/usage.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { askUsage } from "../../src/upstream/usage_query.ts";
import { usageBody } from "../support/answers.ts";
import { aRecord } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const BASE = "https://chatgpt.com/backend-api";
const BODY = usageBody({ usedPercent: 40, resetAfterSeconds: 600 }, {
  usedPercent: 10,
  resetAfterSeconds: 90_000,
});

function ask(send: FakeSend, { baseUrl = BASE, key = aRecord("work"), clock = new FakeClock() } = {}) {
  const upstream = new Upstream(baseUrl);
  return askUsage({ send: send.send, clock, upstream, timeoutMs: 8000, userAgent: "cdx2/1.2.3" }, key);
}

Deno.test("askUsage() asks as the key's account and reads the answer", async () => {
  const send = new FakeSend(answer(200, BODY));
  const got = await ask(send);
  assert.equal(got.kind === "usage" && got.usage.planType, "plus");
  const [{ url, method, headers }] = send.requests as [typeof send.requests[0]];
  assert.deepEqual([method, url], ["GET", `${BASE}/wham/usage`]);
  assert.deepEqual(Object.fromEntries(headers), {
    accept: "application/json",
    "accept-encoding": "identity",
    authorization: "Bearer token-of-work",
    "chatgpt-account-id": "acct-work",
    "user-agent": "cdx2/1.2.3",
  });
});

Deno.test("askUsage() names no account for a key that has none", async () => {
  const key = aRecord("work", { accountId: undefined });
  const send = new FakeSend(answer(200, BODY));
  await ask(send, { key });
  assert.equal(send.requests[0]?.headers.has("chatgpt-account-id"), false);
});

/** `[base URL, usage page]` */
const PAGES: [string, string][] = [
  ["http://127.0.0.1:9/x/backend-api", "http://127.0.0.1:9/x/backend-api/wham/usage"],
  ["https://api.example.com", "https://api.example.com/api/codex/usage"],
  ["https://backend-api.example", "https://backend-api.example/api/codex/usage"],
  ["https://gw.example/backend-api/codex", "https://gw.example/backend-api/wham/usage"],
];

Deno.test("askUsage() follows the two path styles of the backend", async () => {
  for (const [baseUrl, page] of PAGES) {
    const send = new FakeSend(answer(200, BODY));
    await ask(send, { baseUrl });
    assert.equal(send.requests[0]?.url, page);
  }
});

const page = (status: number, body: string) => () => new Response(body, { status });

/** `[what, reply, reason]` */
const FAILURES: [string, Reply, string][] = [
  ["a rejected token", answer(401, { error: "token-of-work is bad" }), "token rejected (401)"],
  ["a refused token", answer(403), "token refused (403)"],
  ["a challenge", page(403, "<!doctype html>"), "blocked by a page for browsers (403)"],
  ["a backend without the page", answer(404), "no usage page there (404)"],
  ["too many questions", answer(429), "asked too often (429)"],
  ["a failing backend", answer(502), "upstream failed (502)"],
  ["a redirect", page(302, ""), "sent elsewhere (302)"],
  ["an empty answer", () => new Response(null, { status: 204 }), "unexpected status (204)"],
  ["a page that is not JSON", page(200, "<html>"), "the answer is not JSON"],
  ["JSON of another kind", answer(200, { detail: "hello" }), "the answer says nothing about usage"],
  ["an upstream that is not there", "not_sent", "not reachable: connection refused"],
  ["a connection that breaks", "interrupted", "broken off: connection refused"],
];

for (const [what, reply, reason] of FAILURES) {
  Deno.test(`askUsage() puts ${what} into words`, async () => {
    assert.deepEqual(await ask(new FakeSend(reply)), { kind: "failed", reason });
  });
}

const silentBody = () => new Response(new ReadableStream<Uint8Array>());

for (const [what, reply] of [["no head", "hang"], ["no body", silentBody]] as const) {
  Deno.test(`askUsage() gives up when there is ${what} in time`, async () => {
    const clock = new FakeClock();
    let got: UsageAnswer | undefined;
    ask(new FakeSend(reply), { clock }).then((answer) => got = answer);
    await clock.advance(7999);
    assert.equal(got, undefined);
    await clock.advance(1);
    assert.deepEqual(got, { kind: "failed", reason: "no answer within 8s" });
    assert.equal(clock.pendingTimers, 0);
  });
}
