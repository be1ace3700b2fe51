import assert from "node:assert/strict";
import { givesOutIds, idsGivenBy, stateIdsOf } from "../../src/proxy/state_ids.ts";

const REQUESTS: readonly (readonly [path: string, body: unknown, ids: readonly string[]])[] = [
  ["/v1/responses", { model: "m", previous_response_id: "resp_1234" }, ["resp_1234"]],
  ["/v1/responses", { previous_response_id: null }, []],
  ["/v1/responses/resp_1234", undefined, ["resp_1234"]],
  ["/v1/responses/resp_1234/cancel", undefined, ["resp_1234"]],
  ["/responses/resp_1234/input_items", undefined, ["resp_1234"]],
  ["/v1/responses/compact", undefined, []],
  ["/v1/responses/input_tokens", {}, []],
  ["/v1/files/file-abc123/content", undefined, ["file-abc123"]],
  ["/v1/files", undefined, []],
  ["/v1/vector_stores/vs_1234/files/file-abc123", undefined, ["vs_1234", "file-abc123"]],
  ["/v1/vector_stores/vs_1234/search", {}, ["vs_1234"]],
  ["/v1/conversations/conv_1234/items", undefined, ["conv_1234"]],
  ["/v1/batches/batch_1234/cancel", undefined, ["batch_1234"]],
  ["/v1/responses", { conversation: "conv_1234" }, ["conv_1234"]],
  ["/v1/responses", { input: [{ content: [{ type: "input_file", file_id: "file-abc123" }] }] }, [
    "file-abc123",
  ]],
  ["/v1/responses", { input: 'say "previous_response_id":"resp_no"' }, []],
  ["/v1/models/gpt-6", undefined, []],
];

for (const [path, body, ids] of REQUESTS) {
  Deno.test(`stateIdsOf() finds ${ids.join(", ") || "nothing"} in ${path} ${JSON.stringify(body) ?? ""}`, () => {
    const json = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
    assert.deepEqual(stateIdsOf(path, json), ids);
  });
}

Deno.test("givesOutIds() knows the collections", () => {
  const collections = [
    "/v1/responses",
    "/v1/files",
    "/v1/conversations",
    "/v1/batches",
    "/v1/vector_stores",
    "/v1/uploads",
  ];
  for (const path of collections) assert(givesOutIds(path), path);
  for (const path of ["/v1/models", "/wham/usage", "/v1/embeddings", "/"]) assert(!givesOutIds(path), path);
});

Deno.test("idsGivenBy() reads an answer, a list and an event", () => {
  assert.deepEqual(idsGivenBy({ id: "resp_1234", conversation: { id: "conv_1234" } }), [
    "resp_1234",
    "conv_1234",
  ]);
  assert.deepEqual(idsGivenBy({ object: "list", data: [{ id: "file-a1b2" }, { id: "file-c3d4" }] }), [
    "file-a1b2",
    "file-c3d4",
  ]);
  assert.deepEqual(idsGivenBy({ type: "response.created", response: { id: "resp_1234" } }), ["resp_1234"]);
  for (const nothing of [undefined, null, 5, "x", [], {}, { id: 7 }, { id: "a b" }]) {
    assert.deepEqual(idsGivenBy(nothing), []);
  }
});
