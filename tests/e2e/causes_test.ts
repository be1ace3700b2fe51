// Whose fault a refusal is: rows of what the upstream answers, and what then becomes of the client and of the keys a, b and c, which are asked in
// this order. Each row is played against the real program.

import assert from "node:assert/strict";
import { type Answer, chunks, json, sse, type SseEvent, text } from "../support/answers.ts";
import { type Situation, Stage } from "../support/situations.ts";

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;
const created: SseEvent = { type: "response.created", response: { id: "resp_1" } };
const delta: SseEvent = { type: "response.output_text.delta", delta: "hi" };
const completed: SseEvent = { type: "response.completed", response: { id: "resp_1" } };
const good = sse([created, delta, completed]);
const GPT6 = "The 'gpt-6' model is not supported when using Codex with a ChatGPT account.";
const GPT6_HINT = { "x-codex-routing-hint": "model=gpt-6" };
const codex = { originator: "codex_exec" };
const A_OK = "a 200 ok";

/** Nobody is to blame, and the client gets what the upstream said. */
function requestsFault(
  what: string,
  answer: Answer,
  status: number,
  over: Partial<Situation> = {},
): Situation {
  const trace = [`a ${status} client_error`];
  return { what, answers: [answer, good], client: `${status}`, keys: "OOO", trace, ...over };
}

/** The next key serves, and the first one has this state. */
function nextServes(what: string, answer: Answer, first: string, trace: string): Situation {
  return {
    what,
    answers: [answer, good],
    client: "200",
    says: "completed",
    keys: `${first}OO`,
    trace: [trace, "b 200 ok"],
  };
}

const ELSEWHERE = { method: "GET", path: "/v1/organization/usage" };
const ONE_RESPONSE = { method: "GET", path: "/v1/responses/resp_1" };

const REQUESTS: readonly Situation[] = [
  requestsFault(
    "refuses a foreign organization",
    json(401, { error: { code: "mismatched_organization" } }),
    401,
    {
      client: "503",
      says: "mismatched_organization",
    },
  ),
  requestsFault(
    "refuses a foreign organization of a Codex",
    json(401, { error: { code: "mismatched_organization" } }),
    401,
    {
      headers: codex,
      client: "400",
      says: "mismatched_organization",
    },
  ),
  requestsFault(
    "misses scopes",
    json(403, { error: { message: "Missing scopes: api.responses.write" } }),
    403,
  ),
  requestsFault(
    "misses scopes elsewhere",
    json(401, { error: { message: "Missing scopes: api.model.read" } }),
    401,
    {
      ...ELSEWHERE,
      client: "503",
    },
  ),
  requestsFault("answers 401 on a path that it lacks", text(401, ""), 401, { ...ELSEWHERE, client: "503" }),
  requestsFault("forbids a path", json(403, { detail: "Forbidden" }), 403, ELSEWHERE),
  requestsFault("forbids a look at one response", json(403, { detail: "Forbidden" }), 403, ONE_RESPONSE),
  requestsFault("answers 401 for one response", text(401, ""), 401, { ...ONE_RESPONSE, client: "503" }),
  requestsFault(
    "wants another parameter",
    json(400, { error: { code: "unsupported_parameter", message: "'x' is not supported with this model" } }),
    400,
  ),
  requestsFault("finds a field missing", json(422, { detail: [{ msg: "field required" }] }), 422),
];

const ACCOUNTS: readonly Situation[] = [
  nextServes(
    "has deactivated a workspace",
    json(402, { error: { code: "deactivated_workspace" } }),
    "B",
    "a 402 auth_rejected",
  ),
  nextServes(
    "tells it under detail",
    json(402, { detail: { code: "deactivated_workspace" } }),
    "B",
    "a 402 auth_rejected",
  ),
  nextServes(
    "tells it as 403",
    json(403, { detail: { code: "deactivated_workspace" } }),
    "B",
    "a 403 auth_rejected",
  ),
  nextServes("wants payment", json(402, {}), "B", "a 402 auth_rejected"),
  nextServes(
    "has a used up quota as 402",
    json(402, { error: { code: "insufficient_quota" } }),
    "C",
    "a 402 rate_limited",
  ),
  nextServes(
    "has a member's limit",
    json(429, { error: { type: "workspace_member_usage_limit_reached" } }),
    "C",
    "a 429 rate_limited",
  ),
  nextServes(
    "tells a revoked token in a list",
    json(401, [{ error: { code: "token_revoked" } }]),
    "B",
    "a 401 auth_rejected",
  ),
  {
    what: "refuses a token on another path",
    answers: [json(401, { error: { code: "token_revoked" } }), json(200, {})],
    ...ELSEWHERE,
    client: "200",
    keys: "BOO",
    trace: ["a 401 auth_rejected", "b 200 ok"],
  },
];

const REFUSES_MODEL: readonly (readonly [how: string, answer: Answer])[] = [
  ["as 400 under detail", json(400, { detail: GPT6 })],
  ["as 400 in an error", json(400, { error: { message: GPT6, type: "invalid_request_error" } })],
  ["as model_not_found", json(404, { error: { code: "model_not_found" } })],
  ["as 403", json(403, { error: { code: "model_not_found" } })],
  [
    "in a sentence",
    json(404, { error: { message: "The model `gpt-6` does not exist or you do not have access to it." } }),
  ],
  [
    "in a stream",
    sse([created, { type: "response.failed", response: { error: { code: "model_not_found" } } }]),
  ],
];

const MODELS_REFUSED: readonly Situation[] = [
  ...REFUSES_MODEL.map(([how, answer]): Situation => {
    const status = answer.kind === "whole" || answer.kind === "stream" ? answer.status : 0;
    return {
      ...nextServes(`has no such model on one account, ${how}`, answer, "O", `a ${status} model_refused`),
      headers: GPT6_HINT,
      times: 2,
      trace: [`a ${status} model_refused`, "b 200 ok", "c 200 ok"],
      answers: [answer, good, good],
    };
  }),
  {
    what: "has no such model at all",
    answers: [1, 2, 3].map(() => json(400, { detail: GPT6 })),
    headers: GPT6_HINT,
    client: "400",
    says: GPT6,
    keys: "OOO",
    trace: ["a 400 model_refused", "b 400 model_refused", "c 400 model_refused"],
  },
];

const ENCRYPTED = json(400, { error: { code: "invalid_encrypted_content" } });

const STATES: readonly Situation[] = [
  {
    what: "cannot read what two other accounts made",
    answers: [ENCRYPTED, ENCRYPTED, good],
    client: "200",
    keys: "OOO",
    trace: ["a 400 other_account", "b 400 other_account", "c 200 ok"],
  },
  {
    what: "says in streams that it cannot read them",
    answers: [
      sse([created, { type: "response.failed", response: { error: { code: "invalid_encrypted_content" } } }]),
      sse([{ type: "error", error: { code: "invalid_encrypted_content" } }]),
      good,
    ],
    client: "200",
    keys: "OOO",
    trace: ["a 200 other_account", "b 200 other_account", "c 200 ok"],
  },
  {
    what: "cannot read it with any key",
    answers: [ENCRYPTED, ENCRYPTED, ENCRYPTED],
    client: "400",
    says: "invalid_encrypted_content",
    keys: "OOO",
    trace: ["a 400 other_account", "b 400 other_account", "c 400 other_account"],
  },
  {
    what: "knows an id with the third key",
    method: "GET",
    path: "/v1/responses/resp_unknown1",
    answers: [json(404, {}), json(404, {}), json(200, { id: "resp_unknown1" })],
    client: "200",
    keys: "OOO",
    trace: ["a 404 other_account", "b 404 other_account", "c 200 ok"],
  },
  {
    what: "knows a previous response with the second key",
    body: { previous_response_id: "resp_unknown2" },
    answers: [json(400, { error: { code: "previous_response_not_found" } }), good],
    client: "200",
    keys: "OOO",
    trace: ["a 400 other_account", "b 200 ok"],
  },
];

const PAGE = { "content-type": "text/html; charset=UTF-8" };
const busy = (headers: Record<string, string> = {}) => json(429, {}, headers);

const LIMITS: readonly Situation[] = [
  {
    what: "limits a burst of every key",
    answers: [busy(), busy(), busy()],
    client: "429",
    says: "rate_limit_exceeded",
    keys: "CCO",
    trace: ["a 429 rate_limited", "b 429 rate_limited"],
  },
  {
    what: "limits a burst for a second",
    answers: [[busy({ "retry-after": "1" }), good], [busy({ "retry-after-ms": "900" }), good], busy()],
    client: "429",
    keys: "CCO",
    trace: ["a 429 rate_limited", "b 429 rate_limited"],
  },
  {
    what: "shows a rate limit page of the CDN",
    answers: [text(429, "<html><title>Error 1015</title>", PAGE), good],
    client: "429",
    says: "1015",
    keys: "OOO",
    trace: ["a 429 origin_failed"],
  },
  {
    what: "shows a 401 page of a gateway",
    answers: [text(401, "<!DOCTYPE html><title>Sign in</title>", PAGE), good],
    client: "503",
    keys: "OOO",
    trace: ["a 401 origin_failed"],
  },
  nextServes(
    "is overloaded by its status",
    json(503, { error: { code: "server_is_overloaded" } }),
    "O",
    "a 503 overloaded",
  ),
  {
    what: "is at its quota with every key",
    answers: [1, 2, 3].map(() =>
      json(429, { error: { type: "usage_limit_reached", resets_at: IN_AN_HOUR } }, { "retry-after": "1" })
    ),
    client: "429",
    says: "usage_limit_reached",
    keys: "CCC",
    trace: ["a 429 rate_limited", "b 429 rate_limited", "c 429 rate_limited"],
  },
];

const QUOTA = '{"type":"response.failed","response":{"error":{"code":"usage_limit_reached"}}}';
const CREATED = '{"type":"response.created","response":{"id":"r"}}';

/** The same quota, in framings that the specification allows. */
const FRAMINGS: Readonly<Record<string, string>> = {
  "data alone": `data: ${CREATED}\n\ndata: ${QUOTA}\n\n`,
  "type not first":
    `data: {"response":{"error":{"code":"usage_limit_reached"}},"type":"response.failed"}\n\n`,
  "blanks in the data":
    `data: { "type" : "response.failed", "response" : {"error":{"code":"usage_limit_reached"}} }\n\n`,
  "a number first":
    `data: {"sequence_number":3,"type":"response.failed","response":{"error":{"code":"usage_limit_reached"}}}\n\n`,
  "several data lines":
    `event: response.failed\ndata: {"type":"response.failed",\ndata: "response":{"error":{"code":"usage_limit_reached"}}}\n\n`,
  "CR as line end": `data: ${CREATED}\r\rdata: ${QUOTA}\r\r`,
  "CRLF as line end": `event: response.failed\r\ndata: ${QUOTA}\r\n\r\n`,
  "a byte order mark": `\uFEFFdata: ${QUOTA}\n\n`,
  "no blank line at the end": `data: ${CREATED}\n\ndata: ${QUOTA}`,
  "comments before it": `: hello\n\n: again\n\ndata: ${QUOTA}\n\n`,
  "keep-alives before it": `event: keepalive\ndata: {"type":"keepalive"}\n\ndata: ${QUOTA}\n\n`,
  "no name at all": `data: {"error":{"code":"usage_limit_reached"}}\n\n`,
  "a foreign name": `event: message\ndata: ${QUOTA}\n\n`,
  "a large response.created": `data: {"type":"response.created","response":{"instructions":"${
    "x".repeat(200_000)
  }"}}\n\ndata: ${QUOTA}\n\n`,
  "a failure of 200 KB": `data: {"type":"response.failed","response":{"tools":"${
    "x".repeat(200_000)
  }","error":{"code":"usage_limit_reached"}}}\n\n`,
  "a status in its place":
    `data: ${CREATED}\n\ndata: {"type":"error","status":429,"error":{"type":"usage_limit_reached"}}\n\n`,
};

const STREAM = { headers: { "content-type": "text/event-stream" } };
const COMPLETED = '{"type":"response.completed","response":{"id":"r"}}';
const ENDINGS: Readonly<Record<string, string>> = {
  "data alone": `data: ${CREATED}\n\ndata: ${COMPLETED}\n\n`,
  "response.done": `data: ${CREATED}\n\ndata: {"type":"response.done","response":{}}\n\n`,
  "a keep-alive after its end": `data: ${COMPLETED}\n\ndata: {"type":"keepalive"}\n\n`,
  "CR as line end": `data: ${CREATED}\r\rdata: ${COMPLETED}\r\r`,
  "no blank line at the end": `data: ${COMPLETED}`,
  "chunks of a chat completion":
    `data: {"id":"c","choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n`,
};

const STREAMS: readonly Situation[] = [
  ...Object.entries(FRAMINGS).map(([how, body]) =>
    nextServes(`tells its quota in a stream with ${how}`, chunks([body], STREAM), "C", "a 200 rate_limited")
  ),
  ...Object.entries(ENDINGS).map(([how, body]): Situation => ({
    what: `ends a stream with ${how}`,
    answers: [chunks([body], STREAM)],
    client: "200",
    keys: "OOO",
    trace: [A_OK],
  })),
  ...(["rate_limit_error", "too_many_requests"].map((type) =>
    nextServes(
      `tells a burst as ${type} in a stream`,
      sse([{ type: "error", error: { type } }]),
      "C",
      "a 200 rate_limited",
    )
  )),
  nextServes(
    "tells a burst by its status in a stream",
    sse([{ type: "error", status: 429 }]),
    "C",
    "a 200 rate_limited",
  ),
  nextServes(
    "tells a burst as a code of digits",
    sse([{ type: "error", error: { code: "429" } }]),
    "C",
    "a 200 rate_limited",
  ),
];

const TABLES = { REQUESTS, ACCOUNTS, MODELS_REFUSED, STATES, LIMITS, STREAMS };

Deno.test("whose fault a refusal is", async (test) => {
  // A burst that is held would make the table wait.
  await using stage = await Stage.open({ CLIPROXY_HOLD_SECONDS: "0" });
  for (const [table, situations] of Object.entries(TABLES)) {
    for (const situation of situations) {
      await test.step(`${table}: when the upstream ${situation.what}`, () => stage.check(situation));
    }
  }
});

Deno.test("a burst is waited out, and the client notices nothing", async () => {
  await using stage = await Stage.open();
  const answers: Situation["answers"] = [[busy({ "retry-after": "1" }), good], [
    busy({ "retry-after": "1" }),
    good,
  ], [busy(), good]];
  const { client, trace } = await stage.play({ what: "", answers, client: "", keys: "", trace: [] });
  assert.equal(client, "200");
  assert.deepEqual(trace.slice(0, 2), ["a 429 rate_limited", "b 429 rate_limited"]);
  assert.match(trace.at(-1)!, /200 ok/);
});

Deno.test("a quota ends the retries of SDKs, and a burst does not", async () => {
  await using stage = await Stage.open({ CLIPROXY_HOLD_SECONDS: "0" });
  const row = { what: "", client: "", keys: "", trace: [] };
  const quota = json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 7200 } });
  const full = await stage.play({ ...row, answers: [quota, quota, quota] });
  assert.deepEqual([full.client, full.headers.get("x-should-retry")], ["429", "false"]);
  assert.ok(Number(full.headers.get("retry-after")) > 7000);
  const burst = await stage.play({ ...row, answers: [busy(), busy(), busy()] });
  assert.deepEqual([burst.client, burst.headers.get("x-should-retry")], ["429", null]);
  assert.ok(Number(burst.headers.get("retry-after")) <= 30);
});
