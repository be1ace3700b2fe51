import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttemptFields } from "../../src/api/trace.ts";
import type { EventName } from "../../src/api/events.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import type { Fields } from "../../src/values/json.ts";
import { eventLine } from "../../src/observability/event_log.ts";
import { readRecording } from "../../src/replay/recording.ts";
import { SECOND, T0 } from "../support/builders.ts";
import { anAttempt, anOddEvent } from "../support/events.ts";
import { aPastAttempt } from "../support/replays.ts";

function attempt(second: number, fields: Partial<AttemptFields>): ProxyEvent {
  return { ...anAttempt({ latency_ms: 500, auth_file: "a.json", ...fields }), atMs: T0 + second * SECOND };
}

/** An event with these fields and no others, as an older version may have written it. */
function event(event: EventName, second: number, fields: Fields): ProxyEvent {
  return anOddEvent(fields, { event, atMs: T0 + second * SECOND });
}

function read(...events: readonly ProxyEvent[]) {
  return readRecording(events.map((event) => `${eventLine(event)}\n`).join(""));
}

Deno.test("readRecording() groups attempts by request, in the order in which the requests arrived", () => {
  const { requests, keys } = read(
    attempt(10, { request_id: "late", session: "s", model: "gpt" }),
    attempt(2, {
      request_id: "early",
      auth_file: "b.json",
      outcome: "rate_limited",
      status: 429,
      error: "burst",
    }),
    attempt(3, { request_id: "early", attempt: 2 }),
  );
  assert.deepEqual(requests, [
    {
      requestId: "early",
      arrivedMs: T0 + 1500,
      session: undefined,
      model: undefined,
      refusal: undefined,
      attempts: [
        {
          file: "b.json",
          startedMs: T0 + 1500,
          endedMs: T0 + 2000,
          outcome: "rate_limited",
          status: 429,
          error: "burst",
        },
        aPastAttempt({ startedMs: T0 + 2500, endedMs: T0 + 3000 }),
      ],
    },
    {
      requestId: "late",
      arrivedMs: T0 + 9500,
      session: "s",
      model: "gpt",
      refusal: undefined,
      attempts: [aPastAttempt({ startedMs: T0 + 9500, endedMs: T0 + 10_000 })],
    },
  ]);
  assert.deepEqual(keys, ["a.json", "b.json"]);
});

Deno.test("readRecording() takes the arrival of a held request from when it was held", () => {
  const { requests } = read(
    event("proxy.held", 1, { request_id: "r" }),
    attempt(9, { request_id: "r", session: "s" }),
  );
  assert.deepEqual(requests.map(({ arrivedMs, session }) => [arrivedMs, session]), [[T0 + SECOND, "s"]]);
});

Deno.test("readRecording() reads refusals, and leaves out requests that were refused before a key was looked for", () => {
  const refusal = (name: EventName, request_id: string, type: string) =>
    event(name, 5, { request_id, type, status: 429 });
  const { requests } = read(
    attempt(4, { request_id: "tried" }),
    refusal("proxy.refused", "tried", "upstream_unreachable"),
    refusal("auth.pool_exhausted", "untried", "usage_limit_reached"),
    refusal("proxy.refused", "door", "request_too_large"),
  );
  assert.deepEqual(
    requests.map(({ requestId, refusal, attempts }) => [requestId, refusal, attempts.length]),
    [["tried", "upstream_unreachable", 1], ["untried", "usage_limit_reached", 0]],
  );
});

Deno.test("readRecording() reads the changes of keys", () => {
  const until = new Date(T0 + 60 * SECOND).toISOString();
  const { transitions, keys, resets } = read(
    event("auth.cooldown", 1, {
      auth_file: "a.json",
      state: "cooldown",
      cause: "burst",
      until,
      status: 429,
      request_id: "r",
    }),
    event("auth.reset", 2, { auth_file: "b.json", state: "ok" }),
  );
  assert.deepEqual(transitions[0], {
    event: "auth.cooldown",
    atMs: T0 + SECOND,
    file: "a.json",
    state: "cooldown",
    cause: "burst",
    untilMs: T0 + 60 * SECOND,
    status: 429,
    requestId: "r",
  });
  assert.deepEqual([keys, resets], [["a.json", "b.json"], 1]);
});

const PASSED_OVER: [what: string, line: string, count: "other" | "unreadable"][] = [
  ["an event about something else", eventLine(event("proxy.started", 1, { port: 1 })), "other"],
  ["half a line", '{"ts":"2026-11-23T01:21:3', "unreadable"],
  ["a line without a time", '{"event":"proxy.request"}', "unreadable"],
  ["a line from another millennium", '{"ts":"9999-01-01T00:00:00Z","event":"x"}', "unreadable"],
  ["an attempt without a request", eventLine(event("proxy.request", 1, {})), "unreadable"],
  ["an attempt with an unknown end", eventLine(attempt(1, {})).replace('"ok"', '"miracle"'), "unreadable"],
  ["an attempt that took a year", eventLine(attempt(1, { latency_ms: 3e10 })), "unreadable"],
];

for (const [what, line, count] of PASSED_OVER) {
  Deno.test(`readRecording() counts ${what} as ${count}`, () => {
    const { requests, lines } = readRecording(`${line}\n\n${eventLine(attempt(1, {}))}\n`);
    assert.equal(requests.length, 1);
    assert.deepEqual(lines, { total: 2, other: 0, unreadable: 0, [count]: 1 });
  });
}

Deno.test("readRecording() counts attempts with a client's own login and leaves them out", () => {
  const { requests, ownLogins } = read(attempt(1, { auth_file: null }));
  assert.deepEqual([requests, ownLogins], [[], 1]);
});

Deno.test("readRecording() never throws", () => {
  const line = eventLine(attempt(1, {}));
  const damaged = fc.tuple(fc.nat(line.length), fc.string()).map(([at, text]) =>
    line.slice(0, at) + text + line.slice(at + 1)
  );
  fc.assert(fc.property(fc.array(fc.oneof(fc.json(), fc.string(), damaged)), (lines) => {
    const { lines: counts } = readRecording(lines.join("\n"));
    assert.ok(counts.unreadable + counts.other <= counts.total);
  }));
});
