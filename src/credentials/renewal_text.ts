/**
 * How a renewal ended, as a sentence for the user. The event log and `cdx2 auth refresh` say the same.
 * @module
 */

import type { RenewalOutcome } from "./renewal_plan.ts";

/** What a sentence needs besides the outcome. */
export interface OutcomeTextOptions {
  /** The key. */
  readonly file: string;
  /** A moment as text: the end of a token, or the next try. */
  readonly momentText: (timeMs: number) => string;
}

/** One sentence, without a full stop. */
export function outcomeText(outcome: RenewalOutcome, { file, momentText }: OutcomeTextOptions): string {
  switch (outcome.kind) {
    case "renewed":
      return `${file} is renewed${untilText(outcome.endsAtMs, momentText)}`;
    case "adopted":
      return `${file} ${ADOPTED[outcome.from]}${untilText(outcome.endsAtMs, momentText)}`;
    case "kept_aside":
      return `${file} is renewed, but ${outcome.reason}; the new login is in ${outcome.path}`;
    case "not_due":
      return outcome.dueAtMs === undefined
        ? `${file} does not say when its token expires`
        : `${file} is not due before ${momentText(outcome.dueAtMs)}`;
    case "not_ours":
      return `${file} is not renewed: ${outcome.reason}`;
    case "dead":
      return `${file} can no longer be renewed: the issuer refuses its refresh token (${outcome.code})`;
    case "failed":
      return `${file} could not be renewed: ${outcome.reason}; next try ${momentText(outcome.retryAtMs)}`;
    case "unknown":
      return `it is not known whether ${file} was renewed: ${outcome.reason}; ` +
        "it is not tried again before its token stops working";
  }
}

const ADOPTED = {
  codex: "has taken over Codex's new token",
  copy: "has taken over the tokens of another copy of its login",
  file: "has a new token already",
} as const;

function untilText(endsAtMs: number | undefined, momentText: (timeMs: number) => string): string {
  return endsAtMs === undefined ? "" : `; its token expires ${momentText(endsAtMs)}`;
}

/** Whether only a new login helps. */
export function needsLogin(outcome: RenewalOutcome): boolean {
  return outcome.kind === "dead" || (outcome.kind === "not_ours" && outcome.needsLogin);
}

/** The command that renews a key now. */
export function refreshCommand(file: string): string {
  return `cdx2 auth refresh ${file.replace(/\.json$/, "")}`;
}

/** The command that logs the account of a key in again. */
export function loginCommand(file: string): string {
  return `cdx2 auth login --replace ${file.replace(/\.json$/, "")}`;
}

/** The command that makes this machine the home of a key's login in the shared pool. */
export function homeCommand(file: string): string {
  return `cdx2 pool home ${file.replace(/\.json$/, "")}`;
}
