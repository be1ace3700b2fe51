import assert from "node:assert/strict";
import { AnswerBody } from "../../src/system/http_connection.ts";
import { isJson, readAlong } from "../../src/upstream/read_along.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A body of these chunks; `pulled` counts how many were asked for. */
function aBody(chunks: readonly (string | Error)[]) {
  const rest = [...chunks];
  const seen = { pulled: 0, cancelled: undefined as unknown };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.pulled++;
      const next = rest.shift();
      if (next === undefined) controller.close();
      else if (next instanceof Error) controller.error(next);
      else controller.enqueue(bytes(next));
    },
    cancel: (reason) => void (seen.cancelled = reason),
  }, { highWaterMark: 0 });
  return { body, seen };
}

Deno.test("readAlong() hands every chunk on as it came, and tells what is known before each", async () => {
  const chunks = ['{"id":"resp_1', '234","output":[{"text":"x"}],"st', 'ore":false}'];
  const { body } = aBody(chunks);
  const told: unknown[] = [];
  const reader = readAlong(body, (outline) => told.push(JSON.parse(JSON.stringify(outline)))).getReader();
  const passed: string[] = [];
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    passed.push(new TextDecoder().decode(chunk.value));
  }
  assert.deepEqual(passed, chunks);
  assert.deepEqual(told, [{}, { id: "resp_1234" }, { id: "resp_1234", store: false }]);
});

Deno.test("readAlong() tells nothing again when a chunk adds nothing", async () => {
  const { body } = aBody(['{"id":"resp_1234","output":[{"text":"', "much", "more", '"}],"store":false}']);
  const told: unknown[] = [];
  await new Response(readAlong(body, (outline) => told.push({ ...outline as object }))).text();
  assert.deepEqual(told, [{ id: "resp_1234" }, { id: "resp_1234", store: false }]);
});

Deno.test("readAlong() asks for no more than the client does", async () => {
  const { body, seen } = aBody(["{", "}"]);
  const stream = readAlong(body, () => {});
  await Promise.resolve();
  assert.equal(seen.pulled, 0);
  const reader = stream.getReader();
  await reader.read();
  assert.equal(seen.pulled, 1);
});

Deno.test("readAlong() lets go of the upstream when the client leaves", async () => {
  const { body, seen } = aBody(["{", "}"]);
  await readAlong(body, () => {}).cancel("left");
  assert.equal(seen.cancelled, "left");
});

Deno.test("readAlong() breaks where the upstream breaks", async () => {
  const { body } = aBody(['{"id":"resp_1234",', new Error("connection reset")]);
  const told: unknown[] = [];
  const stream = readAlong(body, (outline) => told.push(outline));
  await assert.rejects(new Response(stream).text(), /connection reset/);
  assert.deepEqual({ ...told[0] as object }, { id: "resp_1234" });
});

Deno.test("readAlong() reads 256 KiB and passes the rest on unread", async () => {
  const filler = `{"text":"${"x".repeat(256 * 1024 - 12)}",`;
  const late = '"id":"late"}';
  const { body } = aBody([filler, late, late]);
  const told: unknown[] = [];
  const text = await new Response(readAlong(body, (outline) => told.push({ ...outline as object }))).text();
  assert.equal(text, filler + late + late);
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

Deno.test("readAlong() leaves a body that has come whole in one piece", () => {
  const body = new AnswerBody({ read: () => Promise.reject(new Error("not read")), cancel: () => {} });
  body.whole = new Uint8Array(bytes('{"id":"resp_1234","store":false}'));
  const told: unknown[] = [];
  assert.equal(readAlong(body, (outline) => told.push({ ...outline as object })), body);
  assert.deepEqual(told, [{ id: "resp_1234", store: false }]);
});
