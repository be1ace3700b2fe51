import assert from "node:assert/strict";
import { isJson, PlainJudge, type PlainReading } from "../../src/upstream/plain_judge.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function aJudge(over: Partial<PlainReading> = {}) {
  const told: unknown[] = [];
  const onOutline = (outline: unknown) => void told.push({ ...outline as object });
  return { told, judge: new PlainJudge({ keepBytes: 0, isBlanked: false, onOutline, ...over }) };
}

Deno.test("a PlainJudge lets an answer begin with its first piece, or with its end", () => {
  const begun = aJudge().judge;
  assert.deepEqual([begun.isHeadDecided, begun.isVisible], [false, false]);
  begun.feed(bytes(""));
  assert.deepEqual([begun.isHeadDecided, begun.isVisible], [false, false]);
  begun.feed(bytes("a"));
  assert.deepEqual([begun.isHeadDecided, begun.isVisible], [true, true]);
  const empty = aJudge().judge;
  empty.end();
  assert.deepEqual([empty.isHeadDecided, empty.isVisible], [true, false]);
});

Deno.test("a PlainJudge keeps as much of the beginning as it is told to, and then lets it begin", () => {
  const { judge } = aJudge({ keepBytes: 5 });
  judge.feed(bytes("abc"));
  assert.deepEqual([judge.isHeadDecided, judge.isVisible], [false, false]);
  judge.feed(bytes("def"));
  judge.feed(bytes("ghi"));
  assert.deepEqual([judge.isHeadDecided, judge.isVisible], [true, false]);
  assert.equal(new TextDecoder().decode(judge.beginning), "abcde");
});

Deno.test("a PlainJudge tells what is known of JSON whenever more of it is known", () => {
  const { judge, told } = aJudge();
  for (const chunk of ['{"id":"resp_1', '234","output":[{"text":"x"}],"st', 'ore":false', "}"]) {
    judge.feed(bytes(chunk));
  }
  assert.deepEqual(told, [{}, { id: "resp_1234" }, { id: "resp_1234", store: false }]);
});

Deno.test("a PlainJudge tells nothing again when a chunk adds nothing", () => {
  const { judge, told } = aJudge();
  for (const chunk of ['{"id":"resp_1234","output":[{"text":"', "much", "more", '"}],"store":false}']) {
    judge.feed(bytes(chunk));
  }
  assert.deepEqual(told, [{ id: "resp_1234" }, { id: "resp_1234", store: false }]);
});

Deno.test("a PlainJudge reads 256 KiB of JSON, and no more", () => {
  const { judge, told } = aJudge();
  judge.feed(bytes(`{"text":"${"x".repeat(256 * 1024 - 12)}",`));
  judge.feed(bytes('"id":"late"}'));
  judge.feed(bytes('"id":"late"}'));
  assert.equal(told.length, 1);
  assert.ok(!JSON.stringify(told).includes("late"));
});

Deno.test("isJson() goes by the content type", () => {
  const is = (type: string | undefined) =>
    isJson(new Headers(type === undefined ? {} : { "content-type": type }));
  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"]) {
    assert.ok(is(type), type);
  }
  for (const type of [undefined, "application/jsonl", "text/event-stream", "application/octet-stream"]) {
    assert.ok(!is(type), type);
  }
});
