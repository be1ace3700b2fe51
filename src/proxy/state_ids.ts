/**
 * Ids of what lives at one account: responses, files, conversations, vector stores, batches. A request that names one is only understood by the
 * key whose account made it. Which key that was is remembered from the answers. Pure.
 * @module
 */

import { textFields } from "../values/json_bytes.ts";

// What can follow a collection's name without being an id.
const VERBS = new Set([
  "compact",
  "input_tokens",
  "search",
  "cancel",
  "content",
  "parts",
  "complete",
  "models",
]);
const COLLECTIONS =
  /\/(?:responses|conversations|files|uploads|vector_stores|batches|containers|threads|assistants|evals|videos|chat\/completions|fine_tuning\/jobs)(?:\/([^/]+))?(?=\/|$)/g;
// Ids as the API gives them out: a word, then letters and digits (`resp_68af…`, `file-abc123`, `vs_…`).
const ID = /^[A-Za-z0-9][\w-]{3,127}$/;
const MAX_ID_BYTES = 128;
const MAX_IDS = 64;
// Fields of a body that name such a thing.
const ID_FIELDS = [
  "previous_response_id",
  "conversation",
  "conversation_id",
  "file_id",
  "input_file_id",
  "vector_store_id",
  "batch_id",
  "container",
];

/** The ids that a request names in its path and in a body of plain JSON, without doubles. */
export function stateIdsOf(path: string, json: Uint8Array | undefined): readonly string[] {
  const inBody = json === undefined
    ? []
    : ID_FIELDS.flatMap((name) => textFields(json, name, { maxBytes: MAX_ID_BYTES, maxValues: MAX_IDS }));
  return [...new Set([...idsInPath(path), ...inBody])].filter((id) => ID.test(id)).slice(0, MAX_IDS);
}

/** Whether answers on this path give out ids that are worth remembering. */
export function givesOutIds(path: string): boolean {
  return new RegExp(COLLECTIONS.source).test(path);
}

/** The ids that an answer gives out: its own and those of a list. `outline` holds the answer's small values. */
export function idsGivenBy(outline: unknown): readonly string[] {
  const whole = [outline, fieldOf(outline, "response"), ...listOf(fieldOf(outline, "data"))];
  const ids = whole.flatMap((value) => [fieldOf(value, "id"), fieldOf(fieldOf(value, "conversation"), "id")]);
  return ids.filter((id): id is string => typeof id === "string" && ID.test(id)).slice(0, MAX_IDS);
}

function idsInPath(path: string): readonly string[] {
  return [...path.matchAll(COLLECTIONS)].flatMap(([, id]) => id === undefined || VERBS.has(id) ? [] : [id]);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_IDS) : [];
}
