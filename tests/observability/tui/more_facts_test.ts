import assert from "node:assert/strict";
import { ATTEMPT } from "../../../src/api/trace.ts";
import { attemptRowOf } from "../../../src/observability/tui/data.ts";
import { detailLines } from "../../../src/observability/tui/details.ts";
import { moreFacts } from "../../../src/observability/tui/more_facts.ts";
import { attemptFields } from "../../support/events.ts";
import { aTraceRow } from "../../support/pages.ts";

/** `[the field, its value, the name and the text that the user sees]` */
const WORDS: readonly [field: string, value: unknown, fact: readonly [string, string] | undefined][] = [
  ["ttfb_ms", 103.9, ["answer", "began after 104ms"]],
  ["ttfb_ms", null, undefined],
  ["first_token_ms", 2345, ["first token", "after 2.3s"]],
  ["waited_ms", 0.4, ["waited", "0ms before this attempt"]],
  ["waited_ms", 75_000, ["waited", "1m 15s before this attempt"]],
  ["streamed_bytes", 812, ["streamed", "812 B"]],
  ["streamed_bytes", 1_234_567, ["streamed", "1.1 MiB"]],
  ["picked", "turn", ["why this key", "it was its turn"]],
  ["picked", "of a newer version", ["why this key", "of a newer version"]],
  ["transport", "ws", ["came over", "WebSocket"]],
  ["transport", "http", ["came over", "HTTP"]],
  ["prewarm", true, ["purpose", "it only prepares the WebSocket"]],
  // Of a newer version.
  ["queued_ms", 1500, ["queued", "1.5s"]],
  ["body_bytes", 2048, ["body", "2 KiB"]],
  ["service_tier", "fast", ["service tier", "fast"]],
  ["was_cached", false, ["was cached", "no"]],
  ["scope", { a: 1 }, undefined],
  ["constructor", "x", ["constructor", "x"]],
  ["picked", "constructor", ["why this key", "constructor"]],
  ["picked", { toString: 0 }, undefined],
  ["a\n", "\u202e", ["a\\u{a}", "\\u{202e}"]],
];

for (const [field, value, fact] of WORDS) {
  Deno.test(`the details say ${JSON.stringify({ [field]: value })} as ${fact?.join(": ") ?? "nothing"}`, () => {
    assert.deepEqual(moreFacts({ [field]: value }), fact === undefined ? [] : [fact]);
  });
}

Deno.test("the details tell what is known in one order, before what is of a newer version", () => {
  const fields = { newer: 1, transport: "ws", picked: "turn" };
  assert.deepEqual(moreFacts(fields).map(([name]) => name), ["why this key", "came over", "newer"]);
});

/** Every field of an attempt, each with a value. */
const ALL = attemptFields({
  ttfb_ms: 12,
  first_token_ms: 34,
  waited_ms: 5,
  streamed_bytes: 6789,
  stream_end: "completed",
  client: "lea",
  session: "0190",
  model: "gpt-5.5",
  transport: "ws",
  prewarm: true,
  error: "overloaded",
  input_tokens: 3,
  cached_tokens: 2,
  output_tokens: 1,
  picked: "turn",
});

Deno.test("the details name no field of the wire, whichever an attempt has", () => {
  assert.deepEqual(Object.keys(ALL).toSorted(), Object.keys(ATTEMPT).toSorted());
  const row = attemptRowOf(aTraceRow({ id: 1, ts: 1_800_000_000, ...ALL }), "run 1");
  const text = detailLines([row], { cells: 200, nowMs: 1_800_000_000_000 }).join("\n");
  for (const name of Object.keys(ATTEMPT).filter((name) => name.includes("_"))) {
    assert.ok(!text.includes(name), `${name} in\n${text}`);
  }
});
