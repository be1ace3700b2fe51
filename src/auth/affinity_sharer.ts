/**
 * What a shared pool has to do with sessions and ids, as a port: types alone, so that nothing is loaded where there is no
 * pool.
 * @module
 */

import type { NamedKind } from "./name_hash.ts";

/** A session or an id. */
export interface NamedThing {
  /** Which of both. */
  readonly kind: NamedKind;
  /** Its hash, by `nameHash`. */
  readonly hash: string;
}

/** What a request says of where it belongs. */
export interface AskingRequest {
  /** The key that its client wants and no other; `undefined` for any. */
  readonly pinned: string | undefined;
  /** The hash of its session; `undefined` when it takes turns. */
  readonly session: string | undefined;
  /** The hashes of the ids that it names. */
  readonly stateIds: readonly string[];
}

/** Tells others, and asks them. None of it throws. */
export interface AffinitySharer {
  /** A key has served this session, or knows this id. Called with each use. */
  belongs(thing: NamedThing, file: string): void;
  /** Resolves once what others know is known here as well, or it would take too long; `undefined`: there is nothing to ask. */
  ask(request: AskingRequest): Promise<void> | undefined;
}
