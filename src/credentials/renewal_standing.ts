/**
 * How the renewal of each key stands, for the user: who renews it, until when its token is good, and what to do in time.
 * Pure.
 * @module
 */

import { endMs } from "./renewal_due.ts";
import { lifeOf } from "./renewal_plan.ts";
import { loginCommand } from "./renewal_text.ts";
import { type RenewalFacts, type RenewalKey, renewerOf } from "./renewable.ts";

/** How the renewal of one key stands. */
export interface RenewalStanding {
  /** The key. */
  readonly file: string;
  /** Who renews it; `undefined`: nobody. */
  readonly by: "cdx2" | "codex" | undefined;
  /** Why nobody does, as a clause; `undefined` when somebody does. */
  readonly reason: string | undefined;
  /** When its token expires, epoch milliseconds; `undefined` when that is not known. */
  readonly endsAtMs: number | undefined;
  /** What the user should know in time, as a clause about the key; `undefined` when all is well. */
  readonly warning: string | undefined;
  /** What to type about that; `undefined` when there is nothing to type. */
  readonly fix: string | undefined;
}

// A day is enough to log in again.
const WARN_MS = 24 * 60 * 60 * 1000;

/** The standing of every key, in the order of the facts. */
export function renewalStandings(facts: RenewalFacts, nowMs: number): readonly RenewalStanding[] {
  return facts.keys.map((key) => standingOf(key, facts, nowMs));
}

function standingOf(key: RenewalKey, facts: RenewalFacts, nowMs: number): RenewalStanding {
  const { file } = key.record;
  const endsAtMs = endMs(lifeOf(key)) ?? key.record.expiresAtMs;
  const endsSoon = endsAtMs !== undefined && endsAtMs <= nowMs + WARN_MS;
  const base = { file, endsAtMs, reason: undefined, warning: undefined, fix: undefined };
  const renewer = renewerOf(key, facts);
  switch (renewer.by) {
    case "cdx2":
      return { ...base, by: "cdx2", ...problemOf(key) };
    case "codex":
      return endsSoon && endsAtMs <= nowMs
        ? { ...base, by: "codex", warning: "Codex has not renewed it yet", fix: "codex doctor" }
        : { ...base, by: "codex" };
    case "nobody": {
      const { reason, needsLogin } = renewer;
      const fix = needsLogin || key.login ? loginCommand(file) : undefined;
      const warning = needsLogin || (endsSoon && fix) ? reason : undefined;
      return { ...base, by: undefined, reason, warning, fix: warning && fix };
    }
  }
}

function problemOf({ mark }: RenewalKey): Partial<RenewalStanding> {
  if (mark?.state === "failed") {
    return { warning: `its renewal failed: ${mark.reason ?? "no reason is known"}` };
  }
  if (mark?.state !== "unknown") return {};
  return { warning: "its renewal got no answer; it is tried once more when its token stops working" };
}

/** Who renews the key, as a few words. */
export function renewerText({ by, reason }: RenewalStanding): string {
  if (by === undefined) return `not renewed: ${reason}`;
  return by === "cdx2" ? "renewed by cdx2" : "renewed by Codex";
}
