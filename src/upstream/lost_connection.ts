/**
 * Whether an unanswered request has lost its connection, or has only a slow upstream. From outside both look the same:
 * silence. So time alone proves nothing, and a request is sent again only where that is safe and something points to the
 * connection. Pure.
 * @module
 */

/**
 * What it means to send a request again that may have arrived. `harmless`: nothing, it changes nothing or the same
 * (RFC 9110 §9.2.2). `costly`: a model may think twice. `unsafe`: something may happen twice.
 */
export type Repeating = "harmless" | "costly" | "unsafe";

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** What it means to send this request again. */
export function repeatingOf(method: string, isModelCall: boolean): Repeating {
  if (IDEMPOTENT.has(method)) return "harmless";
  return isModelCall && method === "POST" ? "costly" : "unsafe";
}

/** What is known about the connection of a request that has got no answer so far. */
export interface ConnectionEvidence {
  /** What it would mean to send the request again. */
  readonly repeating: Repeating;
  /** The request may have gone out on a connection that was used before. */
  readonly isReused: boolean;
  /** How long the computer has slept since it was sent. */
  readonly sleptMs: number;
  /** It has waited for three times the connect timeout, and nothing else has been answered on a used connection since. */
  readonly isPoolSilent: boolean;
}

// Connections outlive shorter sleeps: the other side repeats what was not received. Clocks that are set by hand or by
// the network rarely jump so far.
const LOST_AFTER_SLEEP_MS = 30_000;

/** What the request met: no answer within the connect timeout, or a connection that broke. */
export type Silence = "overdue" | "broken";

/** What the connection was lost to: a sleep of the computer, or something that happened before it was used again. */
export type Loss = "slept" | "used";

/** What the connection was lost to; `undefined` when the upstream may only be slow, or have failed. */
export function lossOf(
  silence: Silence,
  { repeating, isReused, sleptMs, isPoolSilent }: ConnectionEvidence,
): Loss | undefined {
  if (repeating === "unsafe") return undefined;
  if (sleptMs >= LOST_AFTER_SLEEP_MS) return "slept";
  if (!isReused) return undefined;
  // A model may think for long. But connections are used again only while answers come in fast (connection_reuse.ts):
  // when all of these stop at once, it is the connections.
  if (silence === "broken" || repeating === "harmless" || isPoolSilent) return "used";
  return undefined;
}
