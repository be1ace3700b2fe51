import assert from "node:assert/strict";
import fc from "fast-check";
import { namesIn, windowsOf, withMore } from "../../src/proxy/request_names.ts";

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** `[what, headers, body, session]` */
const SESSIONS: [string, Record<string, string>, string | undefined, string | undefined][] = [
  ["the session-id header", { "session-id": "s1" }, '{"prompt_cache_key":"k"}', "s1"],
  ["the session_id header", { session_id: "s1" }, undefined, "s1"],
  ["prompt_cache_key", JSON_TYPE, '{"model":"m","prompt_cache_key" : "k-1"}', "k-1"],
  ["no key inside a string", JSON_TYPE, '{"input":"say \\"prompt_cache_key\\":\\"k\\""}', undefined],
  ["no key that is not text", JSON_TYPE, '{"prompt_cache_key":null}', undefined],
  ["no compressed body", { ...JSON_TYPE, "content-encoding": "zstd" }, '{"prompt_cache_key":"k"}', undefined],
  ["no body of another type", { "content-type": "text/plain" }, '{"prompt_cache_key":"k"}', undefined],
  ["nothing", JSON_TYPE, undefined, undefined],
];

for (const [what, headers, body, session] of SESSIONS) {
  Deno.test(`namesIn() reads the session from ${what}`, () => {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    assert.equal(
      namesIn({ path: "/v1/responses", headers: new Headers(headers), body: bytes }).session,
      session,
    );
  });
}

/** `[what, headers, body, model]` */
const MODELS: [string, Record<string, string>, string | undefined, string | undefined][] = [
  ["Codex's routing hint", { "x-codex-routing-hint": "model=gpt-6.1-sol" }, undefined, "gpt-6.1-sol"],
  ["a JSON body", JSON_TYPE, '{"model": "gpt-5.5","input":[]}', "gpt-5.5"],
  ["no compressed body", { ...JSON_TYPE, "content-encoding": "zstd" }, '{"model":"m"}', undefined],
  ["no text inside a string", JSON_TYPE, '{"input":"\\"model\\":\\"m\\""}', undefined],
  ["nothing", {}, undefined, undefined],
];

for (const [what, headers, body, model] of MODELS) {
  Deno.test(`namesIn() reads the model from ${what}`, () => {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    assert.equal(namesIn({ path: "/v1/responses", headers: new Headers(headers), body: bytes }).model, model);
  });
}

// Far more than the windows of this test have, as values and lists have in the windows of a proxy.
const WINDOW_BYTES = 500;

/** A part of a body: names with their values, the same within another text, and what is between them. */
const PART = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((id) => `"file_id":"file-${id}"`),
  fc.integer({ min: 1, max: 9 }).map((id) => `"file_ids": ["file-a${id}", "file-b${id}"]`),
  fc.integer({ min: 1, max: 9 }).map((id) => `{"type":"item_reference","id":"msg_${id}"}`),
  fc.integer({ min: 1, max: 9 }).map((id) => `"prompt_cache_key":"key-${id}"`),
  fc.constantFrom('"store":true', '"store":false', '"say \\"file_id\\":\\"file-no\\""', "\\\\\\", '"'),
  fc.integer({ min: 1, max: 700 }).map((length) => `"${"x".repeat(length)}"`),
);

Deno.test("a body that is searched window by window names what it does in one go", () => {
  const headers = new Headers(JSON_TYPE);
  const paths = fc.constantFrom("/v1/responses", "/v1/chat/completions");
  fc.assert(
    fc.property(fc.array(PART, { maxLength: 40 }), paths, (parts, path) => {
      const body = new TextEncoder().encode(`{"model":"m",${parts.join(",")}}`);
      const windows = windowsOf(body, WINDOW_BYTES);
      const found = windows.map((window) => namesIn({ path, headers, body: window }));
      assert.deepEqual(found.reduce(withMore), namesIn({ path, headers, body }));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("the windows of a body are together all of it, and none is much larger than it was asked for", () => {
  const body = new Uint8Array(100_000).fill(0x5c);
  const windows = windowsOf(body, 10_000);
  assert.equal(windows.length, 10);
  assert.ok(windows.every(({ length }) => length <= 10_000 + 9_000));
  assert.equal(windows.at(-1)!.byteOffset + windows.at(-1)!.length, body.length);
});
