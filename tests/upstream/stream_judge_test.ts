import assert from "node:assert/strict";
import { kindOfEvent, StreamJudge } from "../../src/upstream/stream_judge.ts";

interface Heard {
  readonly limits: unknown[];
  readonly responses: unknown[];
  readonly tokens: unknown[];
  readonly shown: string[];
}

function judged(text: string, isWhole = true): StreamJudge & { heard: Heard } {
  const heard: Heard = { limits: [], responses: [], tokens: [], shown: [] };
  const judge = new StreamJudge({
    onLimits: (event) => heard.limits.push(event),
    onResponse: (event) => heard.responses.push(event),
    onTokens: (tokens) => heard.tokens.push(tokens),
    onVisible: () => heard.shown.push("shown"),
  });
  judge.feed(new TextEncoder().encode(text));
  if (isWhole) judge.end();
  return Object.assign(judge, { heard });
}

function events(...list: readonly Record<string, unknown>[]): string {
  return list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

const CREATED = { type: "response.created", response: { id: "resp_1" } };
const DELTA = { type: "response.output_text.delta", delta: "hi" };
const COMPLETED = { type: "response.completed", response: { id: "resp_1", usage: { input_tokens: 3 } } };
const FAILED = { type: "response.failed", response: { error: { code: "usage_limit_reached" } } };

const VISIBILITY: readonly (readonly [what: string, text: string, isVisible: boolean])[] = [
  ["the start of a response", events(CREATED, { type: "response.in_progress" }), false],
  ["an empty item", events({ type: "response.output_item.added" }), false],
  ["keep-alives", `${events({ type: "keepalive" })}event: ping\ndata: {}\n\nevent: keep-alive\n\n`, false],
  ["comments", ": hello\n\n: again\n\n", false],
  ["limits", events({ type: "codex.rate_limits" }), false],
  ["text", events(DELTA), true],
  ["the beginning of text", 'event: response.output_text.delta\ndata: {"del', true],
  ["a name with a dash", events({ type: "response.reasoning-text.delta" }), true],
  ["an unknown event", events({ type: "whatever.new" }), true],
  ["a chunk of a chat completion", events({ id: "chatcmpl-1", choices: [] }), true],
  ["data that is not JSON", "data: hello\n\n", true],
  ["a failure", events(FAILED), false],
];

for (const [what, text, isVisible] of VISIBILITY) {
  Deno.test(`StreamJudge takes ${what} as ${isVisible ? "visible" : "invisible"}`, () => {
    const { isVisible: isShown, heard } = judged(text, false);
    assert.deepEqual([isShown, heard.shown], [isVisible, isVisible ? ["shown"] : []]);
  });
}

/** `[names of events, what they are]` */
const KINDS: readonly (readonly [names: string, kind: string])[] = [
  ["codex.rate_limits", "limits"],
  ["response.created", "created"],
  ["response.failed response.error error", "failure"],
  ["response.completed response.done [DONE]", "completed"],
  ["response.incomplete response.cancelled", "incomplete"],
  ["response.in_progress response.queued response.output_item.added codex.other ping keepalive", "invisible"],
  ["response.output_text.delta response.new error.new codex pings", "visible"],
];

for (const [names, kind] of KINDS) {
  Deno.test(`kindOfEvent() takes ${names} as ${kind}`, () => {
    for (const name of names.split(" ")) assert.equal(kindOfEvent(name), kind, name);
  });
}

Deno.test("kindOfEvent() takes an event without a name as visible", () => {
  assert.equal(kindOfEvent(""), "visible");
});

const FINALS: readonly (readonly [what: string, text: string, final: string | undefined])[] = [
  ["response.completed", events(CREATED, DELTA, COMPLETED), "completed"],
  ["response.done", events(DELTA, { type: "response.done" }), "completed"],
  ["response.incomplete", events({ type: "response.incomplete" }), "incomplete"],
  ["a keep-alive after the end", events(COMPLETED, { type: "keepalive" }), "completed"],
  ["a comment after the end", events(COMPLETED) + ": bye\n\n", "completed"],
  ["an end mark", events({ id: "chatcmpl-1" }) + "data: [DONE]\n\n", "completed"],
  ["an end mark after a failure", events(FAILED) + "data: [DONE]\n\n", "failed"],
  ["a last event without a blank line", `data: ${JSON.stringify(COMPLETED)}`, "completed"],
  ["a failure", events(DELTA, FAILED), "failed"],
  ["a failure of which nothing can be read", "event: response.failed\ndata: x\n\n", "failed"],
  ["an end without data", events(DELTA) + "event: response.completed\n\n", "completed"],
  ["nothing final", events(CREATED, DELTA), undefined],
];

for (const [what, text, final] of FINALS) {
  Deno.test(`StreamJudge knows ${what}`, () => assert.equal(judged(text).final, final));
}

Deno.test("StreamJudge outlines failures with and without a name", () => {
  for (const event of [FAILED, { type: "error", error: { code: "x" } }, { error: { code: "x" } }]) {
    const judge = judged(events(CREATED, event));
    assert.equal(judge.isHeadDecided, true);
    assert.equal(judge.isVisible, false);
    assert.match(JSON.stringify(judge.failure), /"code":/);
  }
  assert.equal(judged(events({ error: null, choices: [] })).failure, undefined);
});

Deno.test("StreamJudge decides no head by a large response.created", () => {
  const large = events({ type: "response.created", response: { instructions: "x".repeat(500_000) } });
  assert.equal(judged(large, false).isHeadDecided, false);
  assert.equal(judged(large + events(FAILED)).isHeadDecided, true);
  assert.equal(judged(large + large + large, false).isHeadDecided, true);
});

Deno.test("StreamJudge holds back less than a mebibyte of what nobody sees", () => {
  const comment = (bytes: number) => judged(`:${"x".repeat(bytes - 1)}`, false);
  assert.deepEqual([2 ** 20 - 1, 2 ** 20].map((bytes) => comment(bytes).isHeadDecided), [false, true]);
});

Deno.test("StreamJudge knows a failure from its name on", () => {
  assert.equal(judged(events(CREATED), false).isFailing, false);
  assert.equal(judged('event: response.failed\ndata: {"response', false).isFailing, true);
  assert.equal(judged('event: response.completed\ndata: {"response', false).isFailing, false);
  assert.equal(judged(events({ error: { code: "x" } })).isFailing, true);
});

Deno.test("StreamJudge waits for the name of an event until 64 KiB of it have come", () => {
  const beginning = '{"x":"';
  const unnamed = (bytes: number) =>
    judged(`data: ${beginning}${"y".repeat(bytes - beginning.length)}`, false);
  assert.deepEqual([65_535, 65_536].map((bytes) => unnamed(bytes).isHeadDecided), [false, true]);
});

Deno.test("StreamJudge holds no event that stays without a name", () => {
  assert.equal(judged(`data: {"x":"${"y".repeat(70_000)}`, false).isHeadDecided, true);
});

Deno.test("StreamJudge passes on limits and responses", () => {
  const { heard } = judged(
    events(CREATED, { type: "codex.rate_limits", rate_limits: { primary: { used_percent: 5 } } }, COMPLETED),
  );
  assert.equal(
    JSON.stringify(heard.limits),
    '[{"type":"codex.rate_limits","rate_limits":{"primary":{"used_percent":5}}}]',
  );
  assert.equal(heard.responses.length, 2);
  assert.match(JSON.stringify(heard.responses[1]), /"input_tokens":3/);
});

Deno.test("StreamJudge tells what the answer costs, at its end and before", () => {
  const chunk = (written: number) => ({
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: written },
  });
  const { heard } = judged(events(chunk(1), chunk(2), CREATED, DELTA, COMPLETED));
  assert.deepEqual(heard.tokens, [
    { input: 9, cached: undefined, output: 1 },
    { input: 9, cached: undefined, output: 2 },
    { input: 3, cached: undefined, output: undefined },
  ]);
});
