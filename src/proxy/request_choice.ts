/**
 * Which keys a request may still be given after the attempts so far. Pure.
 * @module
 */

import type { ChoiceRequest } from "../auth/choice.ts";
import { isBurst } from "../auth/outcome.ts";
import type { PendingRenewals } from "../auth/pending_renewals.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { Attempt } from "../upstream/attempt_end.ts";
import type { Failure } from "../upstream/attempt_watch.ts";

/** What is looked at in the pool. */
export interface ChoiceView {
  /** The file of the key whose account made what these ids name, given as hashes; `undefined` when none is known. */
  ownerOf(ids: readonly string[], nowMs: number): string | undefined;
  /** The keys whose token is being renewed. */
  readonly renewals: Pick<PendingRenewals, "renewing" | "hasNewToken">;
}

/** What is looked at in the request. */
export interface ChoiceContext {
  /** The session that stays on its key, as a hash; `undefined` for requests that take turns. */
  readonly session: string | undefined;
  /** The hashes of the ids that it names of what lives at one account. */
  readonly stateIds: readonly string[];
  /** The model asked for; `undefined` when the request does not name it. */
  readonly model: string | undefined;
  /** Keys with an upstream of their own cannot serve it. */
  readonly mainOnly: boolean;
  /** The files of keys that cannot serve it, however they fare. */
  readonly withoutKeys: ReadonlySet<string>;
}

/** The attempts so far, oldest first. */
export type AttemptVerdicts =
  readonly (Pick<Attempt<unknown>, "key" | "outcome"> & { readonly failure?: Failure })[];

/** What the request wants of its next key. A key that met a burst may be asked once more, when its time has come. */
export function choiceFor(
  pool: ChoiceView,
  context: ChoiceContext,
  attempts: AttemptVerdicts,
  { pinned, nowMs }: { readonly pinned: string | undefined; readonly nowMs: number },
): ChoiceRequest {
  const { session, model, mainOnly, withoutKeys } = context;
  const tried = new Set<string>();
  for (const { key, outcome } of attempts) {
    if (!key) continue;
    if (isBurst(outcome) || isRenewed(pool, attempts, key, nowMs)) tried.delete(key.file);
    else tried.add(key.file);
  }
  for (const file of withoutKeys) tried.add(file);
  const owner = ownerFor(pool, context, attempts, nowMs);
  return { tried, session, model, pinned, mainOnly, owner, unreachable: unreachableAfter(attempts) };
}

/** The code by file of the keys that were refused about their token or account. */
export function refusedKeys(attempts: AttemptVerdicts): ReadonlyMap<string, string> {
  return new Map(
    attempts.flatMap(({ key, outcome }) =>
      key && outcome.kind === "auth_rejected" ? [[key.file, outcome.code]] : []
    ),
  );
}

// A connection that failed is tried once more with the same key; one that could not be established in time is not.
const CONNECTION_TRIES = 2;

const ALL_REACHABLE: ReadonlySet<string | undefined> = new Set();

/** The upstreams that could not be reached, as often as that is tried. The upstream of the settings is `undefined`. */
function unreachableAfter(attempts: AttemptVerdicts): ReadonlySet<string | undefined> {
  if (attempts.length === 0) return ALL_REACHABLE;
  const failures = attempts.flatMap(({ key, failure }) => key && failure ? [{ key, failure }] : []);
  const isOver = (upstream: string | undefined) => {
    const own = failures.filter(({ key }) => key.upstream === upstream).map(({ failure }) => failure);
    return own.some(({ isUnsent, isTimeout }) => isUnsent && isTimeout) ||
      own.filter(({ isUnsent, isLost }) => isUnsent || isLost).length >= CONNECTION_TRIES;
  };
  return new Set(failures.map(({ key }) => key.upstream).filter(isOver));
}

// A key whose token was refused may be asked once more, with its new token.
function isRenewed(pool: ChoiceView, attempts: AttemptVerdicts, key: AuthRecord, nowMs: number): boolean {
  const ofKey = attempts.filter((attempt) => attempt.key?.file === key.file);
  return ofKey.length === 1 && ofKey[0]!.outcome.kind === "auth_rejected" &&
    pool.renewals.hasNewToken(key, nowMs);
}

// A key that has just said that the thing is another account's, or that is refused itself, does not own it: then any
// other may.
function ownerFor(
  pool: ChoiceView,
  { stateIds }: ChoiceContext,
  attempts: AttemptVerdicts,
  nowMs: number,
): string | undefined {
  const owner = pool.ownerOf(stateIds, nowMs);
  const isDenied = attempts.some(({ key, outcome: { kind } }) =>
    key && key.file === owner &&
    (kind === "other_account" || (kind === "auth_rejected" && !isRenewed(pool, attempts, key, nowMs)))
  );
  return isDenied ? undefined : owner;
}
