/**
 * What a request names: its session, its model, and what lives at one account. A large body can be searched window by
 * window. Pure.
 * @module
 */

import { textField } from "../values/json_bytes.ts";
import type { ClientRequest } from "./client_request.ts";
import { givesOutIds, MAX_IDS, stateIdsOf } from "./state_ids.ts";

/** What one request names. */
export interface RequestNames {
  /** The client's session; `undefined` when it names none. */
  readonly session: string | undefined;
  /** The model asked for; `undefined` when it names none. */
  readonly model: string | undefined;
  /** The ids in path and body, without doubles. */
  readonly stateIds: readonly string[];
  /** Whether a JSON answer gives out ids that are worth remembering. */
  readonly givesOutIds: boolean;
}

/** Those of a request that goes through with the client's own login. */
export const NO_NAMES: RequestNames = {
  session: undefined,
  model: undefined,
  stateIds: [],
  givesOutIds: false,
};

/** What is searched. */
export type Searched = Pick<ClientRequest, "path" | "headers" | "body">;

/** What a request names, its body searched in one go. */
export function namesIn({ path, headers, body }: Searched): RequestNames {
  const json = plainJson(headers, body);
  return {
    session: sessionOf(headers, json),
    model: modelOf(headers, json),
    stateIds: stateIdsOf(path, json),
    givesOutIds: givesOutIds(path, json),
  };
}

// A list of ids, the longest that is looked for, is whole within as many bytes after its name.
const SHARED_BYTES = 8 * 1024;
// What an id belongs to is looked for within as many bytes before it.
const BEFORE_BYTES = 256;
const BACKSLASH = 0x5c;

/** The windows of a body, each of `size` bytes and some that it shares with its neighbours. */
export function windowsOf(body: Uint8Array<ArrayBuffer>, size: number): readonly Uint8Array<ArrayBuffer>[] {
  const windows: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < body.length; from += size) {
    windows.push(body.subarray(beginning(body, from), from + size + SHARED_BYTES));
  }
  return windows;
}

/** Not after a backslash: whether the first quote of a window is escaped could not be told. */
function beginning(body: Uint8Array, from: number): number {
  let at = Math.max(0, from - BEFORE_BYTES);
  while (body[at - 1] === BACKSLASH && at < from) at++;
  return at;
}

/** What a request names of which a further window was searched. */
export function withMore(names: RequestNames, more: RequestNames): RequestNames {
  return {
    session: names.session ?? more.session,
    // Clients write it near the beginning.
    model: names.model,
    stateIds: [...new Set([...names.stateIds, ...more.stateIds])].slice(0, MAX_IDS),
    givesOutIds: names.givesOutIds || more.givesOutIds,
  };
}

/**
 * The client's session, on which its prompt cache depends: a header, else the `prompt_cache_key` of its {@link plainJson};
 * `undefined` when neither names one.
 */
export function sessionOf(headers: Headers, json: Uint8Array | undefined): string | undefined {
  const named = headers.get("session-id") ?? headers.get("session_id");
  if (named) return named;
  return json && textField(json, "prompt_cache_key", MAX_SESSION_BYTES);
}

const MAX_SESSION_BYTES = 512;
const MAX_MODEL_BYTES = 128;

/**
 * The model asked for: Codex's routing hint, else the `model` of its {@link plainJson}; `undefined` when neither names
 * one.
 */
export function modelOf(headers: Headers, json: Uint8Array | undefined): string | undefined {
  const hinted = /\bmodel=([\w.:-]{1,128})(?![\w.:-])/.exec(headers.get("x-codex-routing-hint") ?? "")?.[1];
  if (hinted !== undefined) return hinted;
  // Clients write the name near the beginning of their body.
  const beginning = json?.subarray(0, MODEL_WITHIN_BYTES);
  return beginning && textField(beginning, "model", MAX_MODEL_BYTES);
}

const MODEL_WITHIN_BYTES = 4096;

/** The body where it is JSON that can be searched; `undefined` for a compressed one or another type. */
export function plainJson(headers: Headers, body: Uint8Array | undefined): Uint8Array | undefined {
  const isPlain = !headers.has("content-encoding") && /\bjson\b/i.test(headers.get("content-type") ?? "");
  return isPlain ? body : undefined;
}
