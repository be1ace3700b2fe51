/**
 * What to do about one key now: send its refresh token, take over tokens that somebody else has got, or leave it alone.
 * Pure.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import { type HeldLogin, isNewer, isSameUser } from "./held_login.ts";
import { type RenewableLogin, type RenewalFacts, type RenewalKey, renewerOf } from "./renewable.ts";
import { dueAtMs, endMs, mayRenewRefused, type TokenLife } from "./renewal_due.ts";

/** Why a key is to be renewed. */
export type RenewalCause =
  /** The user wants it now. */
  | { readonly kind: "asked" }
  /** Its time has come. */
  | { readonly kind: "due" }
  /** The upstream has refused the access token with this {@link fingerprint}. */
  | { readonly kind: "refused"; readonly accessHash: string };

/** How the renewal of a key ended. Reasons are clauses and hold no token. Times in epoch milliseconds. */
export type RenewalOutcome =
  /** It has new tokens. `undefined`: they do not say when they expire. */
  | { readonly kind: "renewed"; readonly endsAtMs: number | undefined }
  /** It has new tokens that somebody else got. */
  | {
    readonly kind: "adopted";
    readonly from: "codex" | "copy" | "file";
    readonly endsAtMs: number | undefined;
  }
  /** There are new tokens in the file at `path`, and the key's own file has others. */
  | { readonly kind: "kept_aside"; readonly path: string; readonly reason: string }
  /** Nothing was sent, because it is too early. */
  | { readonly kind: "not_due"; readonly dueAtMs: number | undefined }
  /** Nothing was sent, because we do not renew it. */
  | { readonly kind: "not_ours"; readonly reason: string; readonly needsLogin: boolean }
  /** Its refresh token is refused for good. */
  | { readonly kind: "dead"; readonly code: string }
  /** It did not work, and will be tried again. */
  | { readonly kind: "failed"; readonly reason: string; readonly retryAtMs: number }
  /** Its refresh token may be used up. */
  | { readonly kind: "unknown"; readonly reason: string };

/** What to do about a key. */
export type RenewalPlan =
  /** Send its refresh token. `isLastTry`: it was sent before without an answer. */
  | { readonly kind: "send"; readonly login: RenewableLogin; readonly isLastTry: boolean }
  /** Write these tokens into its file. */
  | { readonly kind: "adopt"; readonly from: "codex" | "copy"; readonly login: HeldLogin }
  /** Nothing. */
  | { readonly kind: "end"; readonly outcome: RenewalOutcome };

/** The moment that a plan is made for. */
export interface RenewalMoment {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /**
   * Whether the token is locked. Otherwise a token that counts as sent may be on its way right now, and the plan is to be
   * made again under the lock.
   */
  readonly isLocked: boolean;
}

/** The plan for `key`, one of `facts.keys`. */
export function planRenewal(
  key: RenewalKey,
  cause: RenewalCause,
  facts: RenewalFacts,
  moment: RenewalMoment,
): RenewalPlan {
  const { login } = key;
  if (login && cause.kind === "refused" && fingerprint(login.accessToken) !== cause.accessHash) {
    return end({ kind: "adopted", from: "file", endsAtMs: login.expiresAtMs });
  }
  const renewer = renewerOf(key, facts);
  switch (renewer.by) {
    case "codex":
      return followCodex(key, facts);
    case "member": {
      const reason = `${renewer.name} renews its login for the shared pool`;
      return end({ kind: "not_ours", reason, needsLogin: false });
    }
    case "nobody":
      return follow(key) ?? end({ kind: "not_ours", ...renewer });
    case "cdx2":
      return planOwn(key, renewer.login, cause, moment);
  }
}

function followCodex({ login, path }: RenewalKey, { codex }: RenewalFacts): RenewalPlan {
  if (login && codex && codex.path !== path && isNewer(codex.login, login)) {
    return { kind: "adopt", from: "codex", login: codex.login };
  }
  return end({ kind: "not_ours", reason: "Codex uses the same login and renews it", needsLogin: false });
}

function follow({ login, successor }: RenewalKey): RenewalPlan | undefined {
  if (!login || !successor || !isSameUser(login.line, successor.line) || !isNewer(successor, login)) {
    return undefined;
  }
  return { kind: "adopt", from: "copy", login: successor };
}

function planOwn(
  key: RenewalKey,
  login: RenewableLogin,
  cause: RenewalCause,
  { nowMs, isLocked }: RenewalMoment,
): RenewalPlan {
  const { mark, record } = key;
  const life = lifeOf(key);
  const isOver = cause.kind === "refused" || (endMs(life) ?? Infinity) <= nowMs;
  const isLastTry = mark?.state === "unknown" || (mark?.state === "sent" && isLocked);
  if (isLastTry && !isOver) {
    const reason = mark.reason ?? "it was interrupted while it waited for the answer";
    return end({ kind: "unknown", reason });
  }
  if (cause.kind === "asked") return { kind: "send", login, isLastTry };
  if (mark && mark.notBeforeMs > nowMs) {
    return end({ kind: "failed", reason: mark.reason ?? "it has failed", retryAtMs: mark.notBeforeMs });
  }
  const dueMs = dueAtMs(life, record.file);
  const isEarly = cause.kind === "due"
    ? dueMs === undefined || dueMs > nowMs
    : !mayRenewRefused({ lastMs: mark?.renewedAtMs, beforeMs: mark?.renewedBeforeMs }, nowMs);
  return isEarly ? end({ kind: "not_due", dueAtMs: dueMs }) : { kind: "send", login, isLastTry };
}

/** The life of a key's access token. */
export function lifeOf({ login, mark }: RenewalKey): TokenLife {
  return {
    expiresAtMs: login?.expiresAtMs,
    issuedAtMs: login?.issuedAtMs,
    renewedAtMs: mark?.renewedAtMs,
  };
}

function end(outcome: RenewalOutcome): RenewalPlan {
  return { kind: "end", outcome };
}
