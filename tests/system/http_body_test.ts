import assert from "node:assert/strict";
import { HttpBody, streamOf, wholeOf } from "../../src/system/http_body.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A body that comes in these pieces, and what became of it. */
function aBody(pieces: readonly string[]) {
  const left = pieces.map(bytesOf);
  const seen = { reads: 0, isCancelled: false };
  const body = new HttpBody({
    read: () => Promise.resolve((seen.reads++, left.shift())),
    cancel: () => void (seen.isCancelled = true),
  });
  return { body, seen };
}

Deno.test("streamOf() makes a stream of what the source gives, and reads nothing before it is asked", async () => {
  const { body, seen } = aBody(["one ", "two"]);
  const stream = streamOf(body)!;
  await Promise.resolve();
  assert.equal(seen.reads, 0);
  assert.equal(await new Response(stream).text(), "one two");
});

Deno.test("streamOf() leaves a stream as it is, and makes none where there is no body", () => {
  const stream = new ReadableStream<Uint8Array>();
  assert.deepEqual([streamOf(stream), streamOf(null)], [stream, null]);
});

Deno.test("HttpBody lets go of its source, also through its stream", async () => {
  for (const cancel of [(body: HttpBody) => body.cancel(), (body: HttpBody) => body.stream().cancel()]) {
    const { body, seen } = aBody(["one"]);
    await cancel(body);
    assert.deepEqual(seen, { reads: 0, isCancelled: true });
  }
});

Deno.test("HttpBody passes on that its source breaks", async () => {
  const source = { read: () => Promise.reject(new Error("broken")), cancel: () => {} };
  await assert.rejects(new Response(new HttpBody(source).stream()).text());
});

Deno.test("ofWhole() is a body that has come, which is read once", async () => {
  const body = HttpBody.ofWhole(bytesOf("all"));
  assert.deepEqual(body.whole, bytesOf("all"));
  assert.equal(await new Response(body.stream()).text(), "all");
  assert.equal(await body.source.read(), undefined);
  const left = HttpBody.ofWhole(bytesOf("all"));
  await left.cancel();
  assert.equal(await left.source.read(), undefined);
});

Deno.test("wholeOf() is a body that came with its head, and nothing of any other", () => {
  const whole = new Uint8Array([1, 2]);
  assert.equal(wholeOf(HttpBody.ofWhole(whole)), whole);
  assert.equal(wholeOf(new HttpBody(HttpBody.ofWhole(whole).source)), undefined);
  assert.equal(wholeOf(new ReadableStream()), undefined);
  assert.equal(wholeOf(null), undefined);
});
