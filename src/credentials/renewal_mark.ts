/**
 * What is remembered about a refresh token, by its hash: whether it was sent, used up or refused. Without that, a program
 * that was killed while it waited for an answer would send its token a second time, which ends the login; and so would a
 * restored backup.
 * @module
 */

import * as z from "zod/mini";
import { parseJson } from "../values/json.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** What has become of a refresh token. */
export type MarkState =
  /** We got it, and it has not been sent. */
  | "fresh"
  /** It is about to be sent, or was sent by a program that ended before it had an answer. */
  | "sent"
  /** It was sent, and the answer did not arrive: it may be used up. */
  | "unknown"
  /** The same once more, after the last try: it is not sent again. */
  | "lost"
  /** The issuer gave another one for it. */
  | "spent"
  /** The issuer refused it for good. */
  | "dead"
  /** It was not used up: the issuer could not be reached, or was busy. */
  | "failed"
  /** Codex has it as well, and renews it. */
  | "codex";

/** A note about one refresh token. Times in epoch milliseconds. */
export interface RenewalMark {
  /** What has become of it. */
  readonly state: MarkState;
  /** The auth file that holds it; for one that is spent, the file that got the new tokens. */
  readonly path: string;
  /** When the state began. */
  readonly atMs: number;
  /** Why, for the user: the issuer's code, or what failed; `undefined` when there is nothing to say. */
  readonly reason: string | undefined;
  /** Failures in a row, over all states. */
  readonly failures: number;
  /** It is not sent before this time; 0: at any time. */
  readonly notBeforeMs: number;
  /** When we got it; `undefined` when another program did. */
  readonly renewedAtMs: number | undefined;
  /** When we got the one before it; `undefined` as above. */
  readonly renewedBeforeMs: number | undefined;
}

/** How long a note is kept: as long as somebody may restore a backup with the token. */
export const MARK_KEPT_MS = 90 * 24 * 60 * 60 * 1000;

/** The note for a token about which nothing is known. */
export function newMark(path: string, nowMs: number): RenewalMark {
  return {
    state: "fresh",
    path,
    atMs: nowMs,
    reason: undefined,
    failures: 0,
    notBeforeMs: 0,
    renewedAtMs: undefined,
    renewedBeforeMs: undefined,
  };
}

/** The text of the file that holds a note. */
export function writeMark(mark: RenewalMark): string {
  return JSON.stringify({ version: 1, ...mark }, null, 2) + "\n";
}

/**
 * The note in a text. One that cannot be read counts as of a token that was sent: that is the state in which the least
 * can go wrong.
 */
export function readMark(text: string, path: string): RenewalMark {
  const read = z.safeParse(schema(), parseJson(text));
  if (!read.success) return { ...newMark(path, 0), state: "unknown", reason: "its note is damaged" };
  const { reason, renewedAtMs, renewedBeforeMs, ...mark } = read.data;
  return { ...mark, reason, renewedAtMs, renewedBeforeMs };
}

let made: ReturnType<typeof makeSchema> | undefined;
function schema() {
  return made ??= makeSchema();
}

function makeSchema() {
  const moment = z.number().check(z.refine(isMomentMs));
  return z.object({
    state: z.enum(["fresh", "sent", "unknown", "lost", "spent", "dead", "failed", "codex"]),
    path: z.string(),
    atMs: moment,
    reason: z.optional(z.string()),
    failures: z.number(),
    notBeforeMs: moment,
    renewedAtMs: z.optional(moment),
    renewedBeforeMs: z.optional(moment),
  });
}
