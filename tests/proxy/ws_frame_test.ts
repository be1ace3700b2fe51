import assert from "node:assert/strict";
import fc from "fast-check";
import { poolExhausted } from "../../src/proxy/exhaustion.ts";
import { briefLimit } from "../../src/proxy/refusal.ts";
import {
  ASK_AGAIN,
  errorEvent,
  readCall,
  readEvent,
  readFailure,
  responseIdIn,
  SEND_ALL_AGAIN,
  withoutPreviousId,
} from "../../src/proxy/ws_frame.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const CALLS: readonly (readonly [what: string, text: string, expected: unknown])[] = [
  ["Codex's full call", '{"type":"response.create","model":"m","stream":true,"input":[{"type":"message"}]}', {
    model: "m",
    previousId: undefined,
    isPrewarm: false,
  }],
  ["an incremental call", '{"type":"response.create","model":"m","previous_response_id":"r1","input":[]}', {
    model: "m",
    previousId: "r1",
    isPrewarm: false,
  }],
  ["a prewarm whose flag comes last", '{"type":"response.create","model":"m","input":[],"generate":false}', {
    model: "m",
    previousId: undefined,
    isPrewarm: true,
  }],
  [
    "an id after the input",
    '{"type":"response.create","input":[1],"previous_response_id":"r1","model":"m"}',
    {
      model: "m",
      previousId: "r1",
      isPrewarm: false,
    },
  ],
  [
    "names that only occur in a text",
    '{"type":"response.create","model":"m","input":"\\"previous_response_id\\" x"}',
    {
      model: "m",
      previousId: undefined,
      isPrewarm: false,
    },
  ],
  ["a null as id", '{"type":"response.create","previous_response_id":null,"model":"m"}', {
    model: "m",
    previousId: undefined,
    isPrewarm: false,
  }],
  [
    "a name within the input alone",
    '{"type":"response.create","model":"m","input":[{"previous_response_id":"x"}]}',
    {
      model: "m",
      previousId: undefined,
      isPrewarm: false,
    },
  ],
  ["blanks", ' {\n "type" : "response.create" ,\n "model":"m" } ', {
    model: "m",
    previousId: undefined,
    isPrewarm: false,
  }],
  ["another message", '{"type":"response.cancel"}', undefined],
  ["a type inside only", '{"input":{"type":"response.create"}}', undefined],
  ["no JSON", "response.create", undefined],
  ["a list", '["type","response.create"]', undefined],
  ["nothing", "", undefined],
];

for (const [what, text, expected] of CALLS) {
  Deno.test(`readCall() of ${what}`, () => assert.deepEqual(readCall(text), expected));
}

const aField = fc.constantFrom("type", "model", "generate", "previous_response_id", "input", "stream", "x");
const aValue = fc.oneof(
  fc.constantFrom<unknown>("response.create", "r1", "m", true, false, null, 1.5, -2e9),
  fc.string().map((text): unknown => `"previous_response_id":"${text}"`),
  fc.constantFrom<unknown>([{ type: "x", previous_response_id: "inner" }], { generate: false }, [], {}),
);
const aMessage = fc.array(fc.tuple(aField, aValue), { maxLength: 7 }).map(Object.fromEntries<unknown>);

Deno.test("readCall() says what JSON.parse would, whatever the order", () => {
  fc.assert(
    fc.property(aMessage, fc.boolean(), (message, isPretty) => {
      const { type, model, previous_response_id: previous, generate } = message;
      const text = JSON.stringify(message, undefined, isPretty ? 2 : 0);
      const textOr = (value: unknown) => typeof value === "string" ? value : undefined;
      const call = { model: textOr(model), previousId: textOr(previous), isPrewarm: generate === false };
      assert.deepEqual(readCall(text), type === "response.create" ? call : undefined);
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("withoutPreviousId() takes out one field and nothing else", () => {
  fc.assert(
    fc.property(aMessage, fc.boolean(), (message, isPretty) => {
      const { previous_response_id: _, ...rest } = message;
      const text = JSON.stringify(message, undefined, isPretty ? 2 : 0);
      assert.deepEqual(JSON.parse(withoutPreviousId(text)), rest);
    }),
    { numRuns: fuzzRuns() },
  );
  const text = '{"type":"response.create","previous_response_id":"r1","x":1.0,"input":[1e2]}';
  assert.equal(withoutPreviousId(text), '{"type":"response.create","x":1.0,"input":[1e2]}');
  assert.equal(withoutPreviousId("no JSON"), "no JSON");
});

const EVENTS: readonly (readonly [text: string, kind: string])[] = [
  ['{"type":"response.created","response":{}}', "created"],
  ['{"type":"response.output_text.delta","delta":"x"}', "visible"],
  ['{"type":"response.completed"}', "completed"],
  ['{"type":"response.incomplete"}', "incomplete"],
  ['{"type":"response.failed"}', "failure"],
  ['{"type":"error","status":429}', "failure"],
  ['{"status":429,"error":{"code":"x"},"type":"error"}', "failure"],
  ['{"error":{"code":"x"}}', "failure"],
  ['{"error":null}', "visible"],
  ['{"type":"codex.rate_limits"}', "limits"],
  ['{ "type" : "response.in_progress" }', "invisible"],
  ['{"sequence_number":1,"type":"response.queued"}', "invisible"],
  ["hello", "visible"],
  ["", "visible"],
];

for (const [text, kind] of EVENTS) {
  Deno.test(`readEvent() of ${JSON.stringify(text)} is ${kind}`, () => assert.equal(readEvent(text), kind));
}

Deno.test("responseIdIn() finds the id", () => {
  assert.equal(responseIdIn({ type: "response.completed", response: { id: "resp_1" } }), "resp_1");
  assert.equal(responseIdIn({ type: "response.completed" }), undefined);
  assert.equal(responseIdIn(undefined), undefined);
});

interface FailureRow {
  readonly what: string;
  readonly event: unknown;
  readonly status?: number;
  readonly isUnderstood: boolean;
  readonly isForClient?: boolean;
}

const FAILURES: readonly FailureRow[] = [
  {
    what: "a numeric status",
    event: { type: "error", status: 429, error: { code: "x" } },
    status: 429,
    isUnderstood: true,
  },
  { what: "no status", event: { type: "error", error: { code: "x" } }, isUnderstood: false },
  {
    what: "null as status",
    event: { type: "error", status: null, error: { code: "x" } },
    isUnderstood: false,
  },
  { what: "a status as text", event: { type: "error", status: "429" }, status: 429, isUnderstood: false },
  { what: "status_code", event: { type: "error", status_code: 429 }, status: 429, isUnderstood: false },
  { what: "a code at the top", event: { type: "error", code: "usage_limit_reached" }, isUnderstood: false },
  { what: "an error without a type", event: { error: { code: "x" } }, isUnderstood: false },
  {
    what: "a failed response",
    event: { type: "response.failed", response: { error: { code: "x" } } },
    isUnderstood: true,
  },
  {
    what: "an unknown previous response",
    event: { type: "error", error: { code: "previous_response_not_found" } },
    isUnderstood: true,
    isForClient: true,
  },
  {
    what: "the hour of a connection",
    event: { type: "error", status: 400, error: { code: "websocket_connection_limit_reached" } },
    status: 400,
    isUnderstood: true,
    isForClient: true,
  },
];

for (const { what, event, status, isUnderstood, isForClient = false } of FAILURES) {
  Deno.test(`readFailure() of an event with ${what}`, () => {
    const failure = readFailure(JSON.stringify(event));
    assert.deepEqual([failure.status, failure.isUnderstood, failure.isForClient], [
      status,
      isUnderstood,
      isForClient,
    ]);
  });
}

Deno.test("readFailure() takes the headers that are headers", () => {
  const headers = {
    "Retry-After": 5,
    "x-codex-primary-used-percent": "100",
    "bad name": "x",
    bad: "a\r\nb",
    list: [],
  };
  const failure = readFailure(JSON.stringify({ type: "error", status: 429, headers }));
  assert.deepEqual(Object.fromEntries(failure.headers), {
    "retry-after": "5",
    "x-codex-primary-used-percent": "100",
  });
});

Deno.test("errorEvent() names a status as a number, and a time only for what is over soon", () => {
  const soon = JSON.parse(errorEvent(briefLimit("rate_limit_exceeded")));
  assert.deepEqual([soon.type, soon.status, soon.headers], ["error", 429, { "retry-after": "3" }]);
  const noKeys = {
    reports: [],
    bound: undefined,
    mainOnly: false,
    model: undefined,
    authDir: "/auths",
    refused: new Map(),
    isCodex: true,
  };
  const dead = JSON.parse(errorEvent(poolExhausted(noKeys, 0)));
  assert.deepEqual([dead.status, dead.headers], [400, undefined]);
  assert.match(dead.error.message, /cdx2/);
});

Deno.test("what asks a client to try again is understood, and says that it need not wait", () => {
  for (const event of [SEND_ALL_AGAIN, ASK_AGAIN]) {
    const failure = readFailure(event);
    assert(failure.isUnderstood);
    assert.equal(failure.headers.get("retry-after"), "0");
  }
  assert(readFailure(SEND_ALL_AGAIN).isForClient);
});
