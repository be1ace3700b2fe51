/**
 * What is kept of the use of keys: attempts to get an answer from a model, how full windows are, and changes of state.
 * No entry holds a token, an e-mail address or the name of a session.
 * @module
 */

import { nameHash } from "../../auth/name_hash.ts";
import { type AttemptFields, isModelRoute } from "../../api/trace.ts";
import type { ProxyEvent } from "../event.ts";
import { keyLabel } from "../key_label.ts";

/** An attempt that a key made to get an answer from a model. */
export interface AttemptEntry {
  /** When it ended, epoch milliseconds. */
  readonly atMs: number;
  /** The {@link keyLabel} of its key. */
  readonly key: string;
  /** Empty when the request did not tell. */
  readonly model: string;
  /** The hash of its session; empty when it has none. */
  readonly session: string;
  /** The name of the client by its key; empty where requests need none. */
  readonly client: string;
  /** From 1 within its request. */
  readonly attempt: number;
  /** It brought the answer that the client got; otherwise another key was tried, or none could answer. */
  readonly isAnswer: boolean;
  /** As in {@link AttemptFields}. */
  readonly outcome: string;
  /** `undefined` for what the upstream did not tell. */
  readonly input: number | undefined;
  /** Those of `input` that came from the prompt cache. */
  readonly cached: number | undefined;
  /** Written by the model. */
  readonly output: number | undefined;
  /** From the start of the attempt to the first event that shows something. */
  readonly firstTokenMs: number | undefined;
  /** From the start of the attempt to its end. */
  readonly latencyMs: number;
  /** What the proxy had added when the attempt began. */
  readonly waitedMs: number;
}

/** How full a usage window of a key is. */
export interface WindowEntry {
  /** When it was read, epoch milliseconds. */
  readonly atMs: number;
  /** The {@link keyLabel} of the key. */
  readonly key: string;
  /** 18 000 for the 5-hour window, 604 800 for the weekly one. */
  readonly windowSeconds: number;
  /** From 0 to 100. */
  readonly usedPercent: number;
  /** Epoch milliseconds; `undefined` when the upstream did not say. */
  readonly resetAtMs: number | undefined;
}

/** A key that went into another state. */
export interface ChangeEntry {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** The {@link keyLabel} of the key. */
  readonly key: string;
  /** `ok`, `probation`, `cooldown` or `blacklist`. */
  readonly state: string;
  /** The code of why; empty for `ok`. */
  readonly cause: string;
}

/** What is written at once. */
export interface UsageBatch {
  readonly attempts: readonly AttemptEntry[];
  readonly windows: readonly WindowEntry[];
  readonly changes: readonly ChangeEntry[];
}

/** The key of an attempt; `undefined` for one that asks no model, only prepares a WebSocket, or was made without a key. */
export function keyOfModelAttempt({ auth_file, prewarm, route }: AttemptFields): string | undefined {
  return prewarm === true || !isModelRoute(route) ? undefined : auth_file ?? undefined;
}

/** The entry of an attempt; `undefined` for one without a {@link keyOfModelAttempt}. */
export function attemptEntry({ atMs, event, fields }: ProxyEvent): AttemptEntry | undefined {
  if (event !== "proxy.request") return undefined;
  const { model, session, outcome } = fields;
  const file = keyOfModelAttempt(fields);
  if (file === undefined) return undefined;
  return {
    atMs,
    key: keyLabel(file),
    model: model ?? "",
    session: session === null ? "" : nameHash("session", session).slice(0, SESSION_CHARS),
    client: fields.client ?? "",
    attempt: fields.attempt,
    isAnswer: outcome === "ok" || outcome === "client_error" || outcome === "client_gone",
    outcome,
    input: fields.input_tokens,
    cached: fields.cached_tokens,
    output: fields.output_tokens,
    firstTokenMs: fields.first_token_ms,
    latencyMs: fields.latency_ms,
    waitedMs: fields.waited_ms ?? 0,
  };
}

/** The entry of a change of a key's state; `undefined` for any other event. */
export function changeEntry({ atMs, event, fields }: ProxyEvent): ChangeEntry | undefined {
  switch (event) {
    case "auth.blacklisted":
    case "auth.cooldown":
    case "auth.probation":
    case "auth.restored":
    case "auth.reset":
      return { atMs, key: keyLabel(fields.auth_file), state: fields.state, cause: fields.cause ?? "" };
    default:
      return undefined;
  }
}

// 60 bits: enough to tell sessions apart, and a word that still fits into a column.
const SESSION_CHARS = 10;
