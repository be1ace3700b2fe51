// What the upstream may do, and what then becomes of the client and of the keys: each row is played against the real
// program. The keys are a, b and c, asked in this order.

import { chunks, json, sse, type SseEvent, text } from "../support/answers.ts";
import { type Situation, Stage } from "../support/situations.ts";

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;
const QUOTA = { type: "usage_limit_reached", resets_at: IN_AN_HOUR };

const created: SseEvent = { type: "response.created", response: { id: "r" } };
const delta: SseEvent = { type: "response.output_text.delta", delta: "hi" };
const completed: SseEvent = { type: "response.completed", response: { id: "r" } };
const good = sse([created, delta, completed]);
const endsWith = (...events: SseEvent[]) => sse([created, ...events]);
const failed = (code: string): SseEvent => ({ type: "response.failed", response: { error: { code } } });
const error = (code: string): SseEvent => ({ type: "error", error: { code } });
const html = text(403, "<!DOCTYPE html><title>Just a moment</title>", { "content-type": "text/html" });
const spark = { "x-codex-active-limit": "codex_spark" };

/** JSON whose connection ends too early. */
const cutJson = (pieces: readonly string[], { status = 200, headers = {}, then = "cut" as const } = {}) =>
  chunks(pieces, { status, headers: { "content-type": "application/json", ...headers }, then });
const LONG = { "content-length": "99" };

const A_OK = "a 200 ok";
const codex = { originator: "codex_exec" };

const SITUATIONS: readonly Situation[] = [
  { what: "serves", answers: [good], client: "200", says: "completed", keys: "OOO", trace: [A_OK] },
  { what: "serves JSON", answers: [json(200, { id: 1 })], client: "200", keys: "OOO", trace: [A_OK] },
  {
    what: "is at its quota",
    answers: [json(429, { error: QUOTA }), good],
    client: "200",
    keys: "COO",
    trace: ["a 429 rate_limited", "b 200 ok"],
  },
  {
    what: "is at its quota with every key",
    answers: [1, 2, 3].map(() => json(429, { error: QUOTA })),
    client: "429",
    says: "usage_limit_reached",
    keys: "CCC",
    trace: ["a 429 rate_limited", "b 429 rate_limited", "c 429 rate_limited"],
  },
  {
    what: "does not include Codex in the plan",
    answers: [json(429, { error: { type: "usage_not_included" } }), good],
    client: "200",
    keys: "COO",
    trace: ["a 429 rate_limited", "b 200 ok"],
  },
  {
    what: "limits a burst",
    answers: [text(429, "slow down"), good],
    client: "200",
    keys: "COO",
    trace: ["a 429 rate_limited", "b 200 ok"],
  },
  {
    what: "limits a burst with two keys",
    answers: [text(429, ""), text(429, ""), good],
    client: "200",
    says: "completed",
    keys: "CCO",
    trace: ["a 429 rate_limited", "b 429 rate_limited", "c 200 ok"],
  },
  {
    what: "limits one model family",
    answers: [json(429, { error: QUOTA }, spark), good],
    headers: { "x-codex-routing-hint": "model=spark" },
    client: "200",
    keys: "OOO",
    trace: ["a 429 rate_limited", "b 200 ok"],
  },
  {
    what: "rejects a token",
    answers: [json(401, { error: { code: "token_revoked" } }), good],
    client: "200",
    keys: "BOO",
    trace: ["a 401 auth_rejected", "b 200 ok"],
  },
  {
    what: "rejects every token",
    answers: [1, 2, 3].map(() => json(401, { error: { code: "token_revoked" } })),
    client: "503",
    says: "cdx2 doctor",
    keys: "BBB",
    trace: ["a 401 auth_rejected", "b 401 auth_rejected", "c 401 auth_rejected"],
  },
  {
    what: "rejects every token of a Codex",
    answers: [1, 2, 3].map(() => json(401, { error: { code: "token_revoked" } })),
    headers: codex,
    client: "400",
    says: "cdx2 doctor",
    keys: "BBB",
    trace: ["a 401 auth_rejected", "b 401 auth_rejected", "c 401 auth_rejected"],
  },
  {
    what: "has closed an account",
    answers: [json(403, { error: { code: "account_deactivated" } }), good],
    client: "200",
    keys: "BOO",
    trace: ["a 403 auth_rejected", "b 200 ok"],
  },
  {
    what: "refuses every key alike",
    answers: [1, 2, 3].map(() => json(403, { detail: "client version expired" })),
    client: "403",
    says: "client version expired",
    keys: "OOO",
    trace: ["a 403 auth_rejected", "b 403 auth_rejected", "c 403 auth_rejected"],
  },
  {
    what: "shows a challenge page",
    answers: [html],
    client: "403",
    says: "Just a moment",
    keys: "OOO",
    trace: ["a 403 origin_failed"],
  },
  {
    what: "serves no such region",
    answers: [json(403, { error: { code: "unsupported_country_region_territory" } })],
    client: "403",
    keys: "OOO",
    trace: ["a 403 origin_failed"],
  },
  {
    what: "cannot read the request",
    answers: [json(400, { error: { code: "context_length_exceeded" } })],
    client: "400",
    says: "context_length_exceeded",
    keys: "OOO",
    trace: ["a 400 client_error"],
  },
  {
    what: "knows no such page",
    answers: [json(404, {})],
    client: "404",
    keys: "OOO",
    trace: ["a 404 client_error"],
  },
  {
    what: "breaks down",
    answers: [json(500, {})],
    client: "500",
    keys: "OOO",
    trace: ["a 500 origin_failed"],
  },
  {
    what: "is overloaded by its status",
    answers: [1, 2].map(() => json(503, { error: { code: "server_is_overloaded" } })),
    client: "503",
    says: "server_is_overloaded",
    keys: "OOO",
    trace: ["a 503 overloaded", "b 503 overloaded"],
  },
  {
    what: "begins a stream and is at its quota",
    answers: [endsWith(failed("usage_limit_reached")), good],
    client: "200",
    says: "completed",
    keys: "COO",
    trace: ["a 200 rate_limited", "b 200 ok"],
  },
  {
    what: "begins a stream and limits a burst",
    answers: [endsWith(failed("rate_limit_exceeded")), good],
    client: "200",
    keys: "COO",
    trace: ["a 200 rate_limited", "b 200 ok"],
  },
  {
    what: "begins a stream and rejects the token",
    answers: [endsWith(error("token_expired")), good],
    client: "200",
    keys: "BOO",
    trace: ["a 200 auth_rejected", "b 200 ok"],
  },
  {
    what: "begins a stream and is overloaded",
    answers: [endsWith(failed("server_is_overloaded")), good],
    client: "200",
    says: "completed",
    keys: "OOO",
    trace: ["a 200 overloaded", "b 200 ok"],
  },
  {
    what: "begins streams and is overloaded with two keys",
    answers: [1, 2].map(() => endsWith(failed("server_is_overloaded"))),
    client: "200",
    says: "server_is_overloaded",
    keys: "OOO",
    trace: ["a 200 overloaded", "b 200 overloaded"],
  },
  {
    what: "begins a stream and finds the request too long",
    answers: [endsWith(failed("context_length_exceeded"))],
    client: "200",
    says: "context_length_exceeded",
    keys: "OOO",
    trace: ["a 200 client_error"],
  },
  {
    what: "reaches its quota after it has said something",
    answers: [endsWith(delta, failed("usage_limit_reached"))],
    client: "200",
    says: "usage_limit_reached",
    keys: "COO",
    trace: ["a 200 rate_limited"],
  },
  {
    what: "stops for its output limit",
    answers: [endsWith(delta, { type: "response.incomplete" })],
    client: "200",
    keys: "OOO",
    trace: [A_OK],
  },
  {
    what: "ends a stream in the middle",
    answers: [endsWith(delta)],
    client: "200",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  },
  {
    what: "breaks off a stream",
    answers: [sse([created, delta], { then: "cut" })],
    client: "200 broken",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  },
  {
    what: "breaks off a stream before anything of it can be seen",
    answers: [sse([created], { then: "cut" })],
    client: "502",
    says: "broke off",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  },
  ...([
    ["JSON that is shorter than its length", cutJson(['{"a":'], { headers: LONG })],
    ["JSON in chunks without an end", cutJson(['{"a":'])],
    ["a compressed answer", cutJson(["\x1f"], { headers: { ...LONG, "content-encoding": "gzip" } })],
    ["JSON by a reset", chunks(['{"a":'], { headers: LONG, then: "reset" })],
  ] as const).map(([what, answer]) => ({
    what: `breaks off ${what}`,
    answers: [answer],
    client: "200 broken",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  })),
  {
    what: "breaks off JSON before its first byte",
    answers: [cutJson([], { headers: LONG })],
    client: "502",
    says: "broke off",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  },
  {
    what: "breaks off a refusal",
    answers: [cutJson(['{"error":'], { status: 400, headers: LONG })],
    client: "400",
    says: '{"error":',
    keys: "OOO",
    trace: ["a 400 client_error"],
  },
  {
    what: "says that a key is full",
    answers: [
      json(200, {}, { "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": `${IN_AN_HOUR}` }),
    ],
    client: "200",
    keys: "OOO",
    trace: [A_OK],
  },
  {
    what: "says that a key is full and has credits",
    answers: [
      json(200, {}, {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-at": `${IN_AN_HOUR}`,
        "x-codex-credits-has-credits": "true",
        "x-codex-credits-unlimited": "false",
        "x-codex-credits-balance": "12.50",
      }),
    ],
    client: "200",
    keys: "OOO",
    trace: [A_OK],
  },
  {
    what: "answers with an unheard-of status",
    answers: [chunks(["x"], { status: 299 })],
    client: "299",
    keys: "OOO",
    trace: ["a 299 ok"],
  },
];

Deno.test("what becomes of the client and of the keys", async (test) => {
  await using stage = await Stage.open();
  for (const situation of SITUATIONS) {
    await test.step(`when the upstream ${situation.what}`, () => stage.check(situation));
  }
});
