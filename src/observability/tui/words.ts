/**
 * The sentences of the live view about an attempt, and about what its client got.
 * @module
 */

import { causeOf } from "../causes.ts";
import type { AttemptRow } from "./data.ts";
import { entryOf } from "../../values/lookup.ts";

/** `none` where there is no status: screen readers would skip an empty column. An ellipsis while there is none yet. */
export function statusText({ phase, status }: Pick<AttemptRow, "phase" | "status">): string {
  if (status !== undefined) return String(status);
  return phase === "ended" ? "none" : "…";
}

const RUNNING_WORDS: Readonly<Record<string, string>> = { held: "no key free", sent: "waiting" };

/** The outcome in a word or three; of what is running, what it does. */
export function outcomeWord({ phase, outcome }: Pick<AttemptRow, "phase" | "outcome">): string {
  return outcome || (entryOf(RUNNING_WORDS, phase) ?? phase);
}

const OUTCOMES: Readonly<Record<string, string>> = {
  ok: "the upstream answered",
  rate_limited: "the key was limited",
  auth_rejected: "the key was refused",
  model_refused: "the key's account may not use this model",
  other_account: "what the request names lives at another account",
  origin_failed: "the upstream failed",
  overloaded: "the upstream has no capacity",
  client_error: "the upstream refused the request itself",
  client_gone: "the client disconnected",
  held: "it waits for a key",
  sent: "it waits for the answer",
  streaming: "the answer is on its way",
};

/** What happened to an attempt, and why: one line. */
export function outcomeText({ phase, outcome, error, streamEnd }: AttemptRow): string {
  const word = outcome || phase;
  const meaning = entryOf(OUTCOMES, word);
  const cause = error === "" ? undefined : causeText(error);
  const isLeft = outcome === "client_gone" && streamEnd !== "client_stalled";
  const end = streamEnd === "" || isLeft ? undefined : entryOf(STREAM_ENDS, streamEnd);
  const says = [meaning, cause ?? end].filter((text) => text !== undefined).join(": ");
  return says === "" ? word : `${word}: ${says}`;
}

function causeText(code: string): string {
  const { says } = causeOf(code);
  return says === code ? code : `${says} (${code})`;
}

const STREAM_ENDS: Readonly<Record<string, string>> = {
  completed: "its stream was complete",
  incomplete: "its stream ended before the answer was complete",
  failed: "its stream ended with a failure",
  truncated: "its stream ended without a final event",
  broken: "its stream broke",
  idle_timeout: "its stream was silent for too long",
  client_stalled: "it took nothing of the answer for too long",
};

/**
 * What the client got. `rows` are the attempts of its request, oldest first, and with them its refusal, if the proxy
 * refused it.
 */
export function clientGot(rows: readonly AttemptRow[]): string {
  const refusal = rows.find(({ phase }) => phase === "refused");
  if (refusal) return `${refusal.status} ${refusal.error} from cdx2: ${messageOf(refusal)}`;
  const last = rows.at(-1);
  if (!last || last.phase === "held" || last.phase === "sent") return "nothing yet";
  if (last.phase !== "ended") return "the beginning of the answer; the rest is on its way";
  if (last.outcome === "client_gone") return "what had come before it disconnected";
  const end = entryOf(STREAM_ENDS, last.streamEnd);
  if (end !== undefined) return `status ${last.status}; ${end}`;
  // These answers are about a key, so the client may have got one of cdx2 instead.
  const isAboutKey = last.outcome === "rate_limited" || last.outcome === "auth_rejected";
  if (last.status === undefined || isAboutKey) return 'an error; "cdx2 logs" says which';
  return `the upstream's answer, status ${last.status}`;
}

function messageOf({ more }: AttemptRow): string {
  return more.find(([name]) => name === "message")?.[1] ?? "";
}
