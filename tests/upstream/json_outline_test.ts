import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonOutline } from "../../src/upstream/json_outline.ts";
import { fuzzRuns } from "../support/fuzz.ts";

function outlineOf(text: string, pieceBytes = Infinity): JsonOutline {
  const outline = new JsonOutline();
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    outline.feed(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes)));
  }
  outline.end();
  return outline;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

Deno.test("JsonOutline finds the type wherever it stands", () => {
  for (
    const text of [
      '{"type":"a.b"}',
      '{ "sequence_number": 5, "type" : "a.b" }',
      '{"response":{"type":"inner","tools":[{"type":"function"}]},"type":"a.b"}',
      '{"item":{"type":"message","content":[{"type":"x"}]},"delta":"\\"type\\":\\"no\\"","type":"a.b"}',
    ]
  ) assert.equal(outlineOf(text).type, "a.b", text);
});

Deno.test("JsonOutline keeps errors, ids and usage, and skips the rest", () => {
  const event = {
    type: "response.failed",
    response: {
      id: "resp_1",
      instructions: "x".repeat(100_000),
      tools: [{ type: "function", name: "t", error: { code: "not_this" } }],
      error: { code: "usage_limit_reached", message: 'say "hi"\n', resets_at: 12.5 },
      usage: { input_tokens: 7, input_tokens_details: { cached_tokens: 3 } },
    },
  };
  const value = plain(outlineOf(JSON.stringify(event)).value) as { response: Record<string, unknown> };
  assert.deepEqual(value.response["error"], event.response.error);
  assert.deepEqual(value.response["usage"], event.response.usage);
  assert.equal(value.response["id"], "resp_1");
  assert.equal(value.response["tools"], undefined);
  assert.equal(String(value.response["instructions"]).length, 2048);
});

Deno.test("JsonOutline bounds what it keeps", () => {
  const many = JSON.stringify({ errors: Array.from({ length: 5000 }, (_, code) => ({ code })) });
  const kept = plain(outlineOf(many).value) as { errors: unknown[] };
  assert(kept.errors.length <= 256);
  assert.doesNotThrow(() => outlineOf("[".repeat(100_000)));
  assert.equal(outlineOf('{"__proto__":{"type":"x"},"type":"a"}').type, "a");
  assert.equal(({} as Record<string, unknown>)["type"], undefined);
});

const scalar = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const names = fc.constantFrom("type", "response", "error", "id", "code", "message", "usage", "detail");
const values = fc.letrec((tie) => ({
  object: fc.dictionary(names, fc.oneof({ depthSize: "small" }, scalar, tie("object")), { maxKeys: 5 }),
})).object;

// What is outlined are objects below names that are.
function expected(value: unknown, isWanted = true): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!isWanted) return undefined;
  return Object.fromEntries(
    Object.entries(value).map((
      [name, inner],
    ) => [name, expected(inner, ["response", "error", "usage", "detail"].includes(name))])
      .filter(([, inner]) => inner !== undefined),
  );
}

Deno.test("JsonOutline agrees with a whole parse, however the bytes are cut", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 9 }), fc.boolean(), (value, pieceBytes, isIndented) => {
      fc.pre(JSON.stringify(value).length < 1500 && depthOf(value) <= 7);
      const text = JSON.stringify(value, null, isIndented ? 2 : 0);
      assert.deepEqual(plain(outlineOf(text, pieceBytes).value), plain(expected(JSON.parse(text))));
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("JsonOutline finds the end of long texts, kept or skipped, however the bytes are cut", () => {
  const piece = fc.constantFrom("x".repeat(70), "\\", '"', '\\"', "\\\\", "é", "\n");
  const long = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(long, long, fc.integer({ min: 1, max: 300 }), (kept, skipped, pieceBytes) => {
      const value = { message: kept, output: { text: skipped }, id: "resp_1", type: "a.b" };
      const outline = outlineOf(JSON.stringify(value), pieceBytes);
      const found = plain(outline.value) as Record<string, unknown>;
      assert.equal(outline.type, "a.b");
      assert.equal(found["id"], "resp_1");
      if (JSON.stringify(kept).length < 2000) assert.equal(found["message"], kept);
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("JsonOutline counts what it finds", () => {
  assert.equal(outlineOf('{"id":"resp_1","output":[{"text":"x"}],"usage":{"input_tokens":7}}').count, 4);
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("JsonOutline takes any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const outline = new JsonOutline();
      outline.feed(bytes);
      outline.end();
      JSON.stringify(outline.value);
    }),
    { numRuns: fuzzRuns() },
  );
});
