/**
 * How the renewal of each key stands, for the user: who renews it, until when its token is good, and what to do in time.
 * Pure.
 * @module
 */

import { dueAtMs, endMs } from "./renewal_due.ts";
import { lifeOf } from "./renewal_plan.ts";
import { homeCommand, loginCommand, refreshCommand } from "./renewal_text.ts";
import { NO_HOME, type RenewalFacts, type RenewalKey, renewerOf } from "./renewable.ts";

/** How the renewal of one key stands. */
export interface RenewalStanding {
  /** The key. */
  readonly file: string;
  /** Who renews it; `undefined`: nobody. */
  readonly by: "cdx2" | "codex" | "member" | undefined;
  /** The member of the shared pool that renews it; `undefined` when none does. */
  readonly home: string | undefined;
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
// A running proxy looks every half minute, and needs two for forty keys.
const OVERDUE_MS = 10 * 60 * 1000;

/** The standing of every key, in the order of the facts. */
export function renewalStandings(facts: RenewalFacts, nowMs: number): readonly RenewalStanding[] {
  return facts.keys.map((key) => standingOf(key, facts, nowMs));
}

function standingOf(key: RenewalKey, facts: RenewalFacts, nowMs: number): RenewalStanding {
  const { file } = key.record;
  const endsAtMs = endMs(lifeOf(key)) ?? key.record.expiresAtMs;
  const endsSoon = endsAtMs !== undefined && endsAtMs <= nowMs + WARN_MS;
  const base = {
    file,
    endsAtMs,
    home: undefined,
    reason: undefined,
    warning: undefined,
    fix: undefined,
  };
  const renewer = renewerOf(key, facts);
  switch (renewer.by) {
    case "cdx2":
      return { ...base, by: "cdx2", ...problemOf(key, { endsSoon, nowMs }) };
    case "codex":
      return endsSoon && endsAtMs <= nowMs
        ? { ...base, by: "codex", warning: "Codex has not renewed it yet", fix: "codex doctor" }
        : { ...base, by: "codex" };
    case "member":
      return { ...base, by: "member", home: renewer.name };
    case "nobody": {
      const { reason, needsLogin } = renewer;
      const isHomeless = reason === NO_HOME;
      const fix = isHomeless ? homeCommand(file) : needsLogin || key.login ? loginCommand(file) : undefined;
      const warning = needsLogin || (endsSoon && fix) ? reason : undefined;
      return { ...base, by: undefined, reason, warning, fix: warning && fix };
    }
  }
}

function problemOf(
  key: RenewalKey,
  { endsSoon, nowMs }: { readonly endsSoon: boolean; readonly nowMs: number },
): Partial<RenewalStanding> {
  const { mark, record: { file } } = key;
  switch (mark?.state) {
    case "failed": {
      const warning = `its renewal failed: ${mark.reason ?? "no reason is known"}`;
      return { warning, fix: endsSoon ? refreshCommand(file) : undefined };
    }
    case "unknown": {
      const warning = "its renewal got no answer; it is tried once more when its token stops working";
      return { warning, fix: endsSoon ? loginCommand(file) : undefined };
    }
    default: {
      const dueMs = dueAtMs(lifeOf(key), file) ?? Infinity;
      if (dueMs + OVERDUE_MS > nowMs) return {};
      return {
        warning: "its renewal is overdue; a running proxy does it by itself",
        fix: refreshCommand(file),
      };
    }
  }
}

/** Who renews a key, or why nobody does, as a standing or a JSON output has it. */
export interface RenewerName {
  /** Nothing: nobody. */
  readonly by: RenewalStanding["by"] | null;
  /** As in {@link RenewalStanding}. */
  readonly home: string | undefined | null;
  /** Nothing when somebody does. */
  readonly reason: string | undefined | null;
}

/** Who renews the key, as a few words. */
export function renewerText(renewer: RenewerName): string {
  const name = nameOfRenewer(renewer);
  return name === undefined ? `not renewed: ${renewer.reason}` : `renewed by ${name}`;
}

/** Who renews the key, by name; `undefined`: nobody. */
export function nameOfRenewer({ by, home }: Pick<RenewerName, "by" | "home">): string | undefined {
  if (!by) return undefined;
  return home ?? (by === "codex" ? "Codex" : by);
}
