/**
 * Ids of what lives at one account: responses, files, conversations, vector stores, batches. A request that names one
 * is only understood by the key whose account made it. Which key that was is remembered from the answers. Pure.
 * @module
 */

import { textField, textsAt, valueAfter } from "../values/json_bytes.ts";
import { member } from "../values/json.ts";
import { type FoundWord, QuotedWords } from "../values/quoted_words.ts";
import { remembered } from "../values/remembered.ts";

const COLLECTION =
  "/(?:responses|conversations|files|uploads|vector_stores|batches|containers|threads|assistants|evals|videos|chat/completions|fine_tuning/jobs)";
const COLLECTIONS = new RegExp(`${COLLECTION}(?:/([^/]+))?(?=/|$)`, "g");
// What can follow a collection's name without being an id.
const VERBS = new Set("compact input_tokens search cancel content parts complete models runs".split(" "));

// A collection, one thing of it, or an act on it that makes another thing. What is further down, such as the items of a
// conversation, is found by the ids that its path names.
const GIVES_OUT = new RegExp(
  `${COLLECTION}(?:/(?!(?:search|input_tokens|content)/?$)[^/]+)?(?:/(?:complete|remix))?/?$`,
);
const CHAT = /\/chat\/completions\/?$/;

// Ids as the API gives them out: a word, then letters and digits (`resp_68af…`, `file-abc123`, `vs_…`).
const ID = /^[A-Za-z0-9][\w-]{3,127}$/;
const LIMITS = { maxBytes: 128, maxValues: 16 };
/** More than as many ids of one request are not looked at. */
export const MAX_IDS = 16;

/** Fields of a body that name such things, each a text or a list of texts. */
const NAMING =
  ("previous_response_id conversation_id file_id file_ids input_file_id training_file validation_file " +
    "vector_store_id vector_store_ids batch_id container").split(" ");
/** Fields that do so with an object that has an `id`. A conversation may be a text or an object. */
const HOLDING = ["conversation", "prompt"];
/** The type of an item that stands for one of an earlier answer. */
const REFERENCE = "item_reference";
const WORDS = new QuotedWords([...NAMING, ...HOLDING, REFERENCE]);
// An object with an id is short: the id is within as many bytes.
const NEAR_BYTES = 256;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The ids that a request names in its path and in a body of plain JSON, without doubles. */
export function stateIdsOf(path: string, json: Uint8Array | undefined): readonly string[] {
  const ids = new Set(idsInPath(path));
  if (json) {
    WORDS.each(json, (found) => {
      for (const id of idsAt(json, found)) if (isIdInBody(id)) ids.add(id);
      return ids.size < MAX_IDS;
    });
  }
  return [...ids].slice(0, MAX_IDS);
}

/**
 * Whether a JSON answer to this request gives out ids that are worth remembering. `json` is the request's body of plain
 * JSON.
 */
export function givesOutIds(path: string, json: Uint8Array | undefined): boolean {
  switch (givenOutAt(path)) {
    case "always":
      return true;
    case "when_stored":
      return isToBeStored(json);
    case "never":
      return false;
  }
}

const givenOutAt = remembered((path) =>
  GIVES_OUT.test(path) ? CHAT.test(path) ? "when_stored" : "always" : "never"
);

/**
 * The ids that an answer, or an event with a response, gives out: its own, those of a list, and those of the files that
 * it made. `outline` holds the answer's small values. What is not stored has none.
 */
export function idsGivenBy(outline: unknown): readonly string[] {
  const ids = new Set<string>();
  addIdsOf(outline, ids);
  addIdsOf(member(outline, "response"), ids);
  const data = member(outline, "data");
  if (Array.isArray(data)) { for (const thing of data) addIdsOf(thing, ids); }
  return [...ids].slice(0, MAX_GIVEN);
}

function addIdsOf(thing: unknown, ids: Set<string>): void {
  if (thing === undefined || member(thing, "store") === false) return;
  const add = (id: unknown) => {
    if (typeof id === "string" && ID.test(id)) ids.add(id);
  };
  for (const one of [thing, member(thing, "conversation"), member(thing, "file")]) add(member(one, "id"));
  for (const name of FURTHER) add(member(thing, name));
}

// A list has pages of up to a hundred; the newest come first.
const MAX_GIVEN = 64;
const FURTHER = ["output_file_id", "error_file_id", "thread_id"];

/** The ids that a path names, such as that of the response in `/v1/responses/resp_1/cancel`. */
export const idsInPath: (path: string) => readonly string[] = remembered((path) => {
  const named = [...path.matchAll(COLLECTIONS)].flatMap(([, id]) => id === undefined ? [] : [id]);
  return named.filter((id) => !VERBS.has(id) && ID.test(id));
});

function idsAt(json: Uint8Array, { word, start, end }: FoundWord): readonly string[] {
  if (word === REFERENCE) return idIn(objectAround(json, start));
  const at = valueAfter(json, end);
  if (at === undefined) return [];
  if (json[at] === OPEN_OBJECT) {
    return HOLDING.includes(word) ? idIn(json.subarray(at, closeAfter(json, at))) : [];
  }
  // A prompt that is a text is one for a model, not the name of one.
  return word === "prompt" ? [] : textsAt(json, at, LIMITS);
}

function idIn(object: Uint8Array): readonly string[] {
  const id = textField(object, "id", LIMITS.maxBytes);
  return id === undefined ? [] : [id];
}

function objectAround(json: Uint8Array, at: number): Uint8Array {
  const from = Math.max(0, at - NEAR_BYTES);
  const open = json.subarray(from, at).lastIndexOf(OPEN_OBJECT);
  return open < 0 ? new Uint8Array() : json.subarray(from + open, closeAfter(json, at));
}

function closeAfter(json: Uint8Array, at: number): number {
  const close = json.subarray(at, at + NEAR_BYTES).indexOf(CLOSE_OBJECT);
  return close < 0 ? at : at + close;
}

// Words such as "auto" are in the same fields as ids.
function isIdInBody(id: string): boolean {
  return ID.test(id) && /[\d_-]/.test(id);
}

// Other than responses, chats are only stored when it is asked for, and their answers do not say so.
function isToBeStored(json: Uint8Array | undefined): boolean {
  let isStored = false;
  if (json) {
    STORE.each(json, ({ end }) => {
      const at = valueAfter(json, end);
      isStored = at !== undefined && json[at] === LETTER_T;
      return !isStored;
    });
  }
  return isStored;
}

const STORE = new QuotedWords(["store"]);
const LETTER_T = 0x74;
