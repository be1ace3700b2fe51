import assert from "node:assert/strict";
import { givesOutIds, idsGivenBy, stateIdsOf } from "../../src/proxy/state_ids.ts";

function bytes(body: unknown): Uint8Array | undefined {
  return body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
}

const reference = { type: "item_reference", id: "rs_1234" };

const REQUESTS: readonly (readonly [path: string, body: unknown, ids: readonly string[]])[] = [
  ["/v1/responses", { model: "m", previous_response_id: "resp_1234" }, ["resp_1234"]],
  ["/v1/responses", { previous_response_id: null }, []],
  ["/v1/responses/resp_1234", undefined, ["resp_1234"]],
  ["/v1/responses/resp_1234/", undefined, ["resp_1234"]],
  ["/v1/responses/resp_1234/cancel", undefined, ["resp_1234"]],
  ["/responses/resp_1234/input_items", undefined, ["resp_1234"]],
  ["/backend-api/codex/responses/resp_1234", undefined, ["resp_1234"]],
  ["/v1/responses/compact", undefined, []],
  ["/v1/responses/input_tokens", {}, []],
  ["/v1/files/file-abc123/content", undefined, ["file-abc123"]],
  ["/v1/files", undefined, []],
  ["/v1/uploads/upload_1234/parts", undefined, ["upload_1234"]],
  ["/v1/vector_stores/vs_1234/files/file-abc123", undefined, ["vs_1234", "file-abc123"]],
  ["/v1/vector_stores/vs_1234/search", {}, ["vs_1234"]],
  ["/v1/vector_stores/vs_1234/file_batches", { file_ids: ["file-abc123", "file-def456"] }, [
    "vs_1234",
    "file-abc123",
    "file-def456",
  ]],
  ["/v1/conversations/conv_1234/items", undefined, ["conv_1234"]],
  ["/v1/batches/batch_1234/cancel", undefined, ["batch_1234"]],
  ["/v1/batches", { input_file_id: "file-abc123", endpoint: "/v1/responses" }, ["file-abc123"]],
  ["/v1/containers/cntr_1234/files/cfile_1234/content", undefined, ["cntr_1234", "cfile_1234"]],
  ["/v1/threads/thread_1234/runs/run_1234", undefined, ["thread_1234"]],
  ["/v1/threads/runs", {}, []],
  ["/v1/chat/completions/chatcmpl-1234/messages", undefined, ["chatcmpl-1234"]],
  ["/v1/fine_tuning/jobs/ftjob-1234/events", undefined, ["ftjob-1234"]],
  ["/v1/fine_tuning/jobs", { training_file: "file-abc123", model: "gpt" }, ["file-abc123"]],
  ["/v1/responses", { conversation: "conv_1234" }, ["conv_1234"]],
  ["/v1/responses", { conversation: { id: "conv_1234" } }, ["conv_1234"]],
  ["/v1/responses", { prompt: { version: "2", id: "pmpt_1234" } }, ["pmpt_1234"]],
  ["/v1/responses", { input: [{ content: [{ type: "input_file", file_id: "file-abc123" }] }] }, [
    "file-abc123",
  ]],
  ["/v1/responses", { tools: [{ type: "file_search", vector_store_ids: ["vs_1234", "vs_5678"] }] }, [
    "vs_1234",
    "vs_5678",
  ]],
  ["/v1/responses", { tools: [{ type: "code_interpreter", container: "cntr_1234" }] }, ["cntr_1234"]],
  ["/v1/responses", { tools: [{ container: { type: "auto", file_ids: ["file-abc123"] } }] }, ["file-abc123"]],
  ["/v1/responses", { input: [{ role: "user", content: "hi" }, reference] }, ["rs_1234"]],
  ["/v1/responses", { input: [{ id: "msg_1234", type: "item_reference" }] }, ["msg_1234"]],
  ["/v1/responses", { tools: [{ container: "auto" }] }, []],
  ["/v1/images/generations", { prompt: "file_1234" }, []],
  ["/v1/responses", { input: 'say "previous_response_id":"resp_no"' }, []],
  ["/v1/responses", { tools: [{ parameters: { properties: { file_id: { type: "string" } } } }] }, []],
  ["/v1/responses", { tools: [{ parameters: { required: ["file_id", "conversation"] } }] }, []],
  ["/v1/responses", { input: [{ id: "msg_1234", type: "message" }] }, []],
  ["/v1/models/gpt-6", undefined, []],
];

for (const [path, body, ids] of REQUESTS) {
  Deno.test(`stateIdsOf() finds ${ids.join(", ") || "nothing"} in ${path} ${JSON.stringify(body) ?? ""}`, () => {
    assert.deepEqual(stateIdsOf(path, bytes(body)), ids);
  });
}

Deno.test("stateIdsOf() names an id once, and sixteen at most", () => {
  const twice = bytes({ previous_response_id: "resp_1234", conversation: "resp_1234" });
  assert.deepEqual(stateIdsOf("/v1/responses/resp_1234", twice), ["resp_1234"]);
  const many = bytes({ file_ids: Array.from({ length: 100 }, (_, at) => `file-${at}`) });
  assert.equal(stateIdsOf("/v1/vector_stores", many).length, 16);
});

/** Paths of requests whose JSON answers name new things. */
const GIVING = [
  "/v1/responses",
  "/responses",
  "/backend-api/codex/responses",
  "/v1/responses/resp_1234",
  "/v1/files",
  "/v1/files/",
  "/v1/conversations",
  "/v1/batches",
  "/v1/batches/batch_1234",
  "/v1/vector_stores",
  "/v1/vector_stores/vs_1234/files",
  "/v1/uploads",
  "/v1/uploads/upload_1234/complete",
  "/v1/videos/video_1234/remix",
  "/v1/threads/runs",
];
const NOT_GIVING = [
  "/v1/models",
  "/wham/usage",
  "/v1/embeddings",
  "/",
  "/v1/files/file-abc123/content",
  "/v1/vector_stores/vs_1234/search",
  "/v1/conversations/conv_1234/items",
  "/v1/responses/resp_1234/input_items",
  "/v1/responses/input_tokens",
  "/v1/chat/completions",
];

Deno.test("givesOutIds() knows the requests whose answers name new things", () => {
  for (const path of GIVING) assert.ok(givesOutIds(path, undefined), path);
  for (const path of NOT_GIVING) assert.ok(!givesOutIds(path, bytes({ model: "m" })), path);
});

Deno.test("givesOutIds() takes a chat for one that is stored only where it is asked for", () => {
  for (const [body, expected] of [[{ store: true }, true], [{ store: false }, false], [{}, false]] as const) {
    assert.equal(givesOutIds("/v1/chat/completions", bytes(body)), expected);
  }
});

/** `[an answer's outline, ids]` */
const ANSWERS: readonly (readonly [unknown, readonly string[]])[] = [
  [{ id: "resp_1234", conversation: { id: "conv_1234" } }, ["resp_1234", "conv_1234"]],
  [{ object: "list", data: [{ id: "file-a1b2" }, { id: "file-c3d4" }] }, ["file-a1b2", "file-c3d4"]],
  [{ type: "response.created", response: { id: "resp_1234" } }, ["resp_1234"]],
  [{ type: "response.completed", response: { id: "resp_1234", store: true } }, ["resp_1234"]],
  [{ type: "response.completed", response: { id: "resp_1234", store: false } }, []],
  [{ id: "resp_1234", store: false }, []],
  [{ id: "batch_1234", output_file_id: "file-a1b2", error_file_id: null }, ["batch_1234", "file-a1b2"]],
  [{ id: "upload_1234", file: { id: "file-a1b2" } }, ["upload_1234", "file-a1b2"]],
  [{ id: "run_1234", thread_id: "thread_1234" }, ["run_1234", "thread_1234"]],
  [undefined, []],
  [null, []],
  [5, []],
  ["x", []],
  [[], []],
  [{}, []],
  [{ id: 7 }, []],
  [{ id: "a b" }, []],
  [{ data: "file-a1b2" }, []],
];

for (const [outline, ids] of ANSWERS) {
  Deno.test(`idsGivenBy() finds ${ids.join(", ") || "nothing"} in ${JSON.stringify(outline)}`, () => {
    assert.deepEqual(idsGivenBy(outline), ids);
  });
}
