import assert from "node:assert/strict";
import type { ChunkSource } from "../../src/system/http_body.ts";
import { sourceOf } from "../../src/system/stream_source.ts";

/** A body of these chunks, as `fetch` gives it (a byte stream), or as any other stream. */
function aBody(chunks: readonly (Uint8Array | Error)[], type: "bytes" | undefined) {
  const rest = [...chunks];
  const seen = { isCancelled: false };
  const pull = (controller: ReadableStreamDefaultController | ReadableByteStreamController) => {
    const next = rest.shift();
    if (next instanceof Error) return controller.error(next);
    if (next) return controller.enqueue(next.slice());
    controller.close();
    if ("byobRequest" in controller) controller.byobRequest?.respond(0);
  };
  const source = { pull, cancel: () => void (seen.isCancelled = true) };
  const body = type ? new ReadableStream({ type, ...source }) : new ReadableStream(source);
  return { body: body as ReadableStream<Uint8Array>, seen };
}

async function readAll(reader: ChunkSource): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await reader.read(); chunk; chunk = await reader.read()) {
    chunks.push(chunk.slice());
  }
  return chunks;
}

const bytes = (length: number, first: number) => new Uint8Array(length).map((_, at) => (first + at) % 251);

for (const type of ["bytes", undefined] as const) {
  const what = type ? "a byte stream" : "any other stream";

  Deno.test(`sourceOf() reads the chunks of ${what} as they came`, async () => {
    const sent = [bytes(3, 1), bytes(5000, 2), bytes(1, 3), bytes(250, 4)];
    assert.deepEqual(await readAll(sourceOf(aBody(sent, type).body)), sent);
    assert.deepEqual(await readAll(sourceOf(aBody([], type).body)), []);
  });

  Deno.test(`sourceOf() loses no byte of large chunks of ${what}`, async () => {
    const sent = [bytes(40_000, 1), bytes(200_000, 2), bytes(16_384, 3), bytes(7, 4)];
    const read = await readAll(sourceOf(aBody(sent, type).body));
    assert.deepEqual(await new Blob(read as BlobPart[]).bytes(), await new Blob(sent as BlobPart[]).bytes());
    assert.ok(read.every(({ length }) => length > 0));
  });

  Deno.test(`sourceOf() breaks where ${what} breaks, and lets go of it`, async () => {
    const broken = sourceOf(aBody([bytes(3, 1), new Error("connection reset")], type).body);
    assert.deepEqual(await broken.read(), bytes(3, 1));
    await assert.rejects(broken.read(), /connection reset/);
    const { body, seen } = aBody([bytes(3, 1)], type);
    sourceOf(body).cancel();
    assert.ok(seen.isCancelled);
  });
}

Deno.test("sourceOf() ends a read that is under way when the body is let go of", async () => {
  for (const type of ["bytes", undefined] as const) {
    const never = { pull: () => new Promise<void>(() => {}) };
    const body = type ? new ReadableStream({ type, ...never }) : new ReadableStream(never);
    const reader = sourceOf(body as ReadableStream<Uint8Array>);
    const reading = reader.read();
    reader.cancel();
    assert.equal(await reading, undefined);
  }
});
