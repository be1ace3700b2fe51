/**
 * What belongs to which key: a session to the one that served it last, so that its prompt cache stays warm, and the id
 * of a response, file or conversation to the one whose account made it. Sessions and ids are hashes (name_hash.ts),
 * never the names themselves. Pure, and in memory only: runtime/affinity_keeper.ts brings it over a restart.
 * @module
 */

import type { AffinitySharer, AskingRequest, NamedThing } from "./affinity_sharer.ts";
import type { NamedKind } from "./name_hash.ts";
import { RecentMap } from "./recent_map.ts";

const SESSIONS = { maxEntries: 4096, ttlMs: 3_600_000 };
// OpenAI keeps responses for thirty days; files live longer, but are used meanwhile.
const IDS = { maxEntries: 8192, ttlMs: 30 * 86_400_000 };
// When a binding was last used is not worth a write for each request.
const TELL_USE_MS = 60_000;

/** How long a session and an id are remembered after their last use. */
export const AFFINITY_TTL_MS: Readonly<Record<NamedKind, number>> = {
  session: SESSIONS.ttlMs,
  id: IDS.ttlMs,
};

/** A session on its key. */
export interface SessionBinding {
  /** The key that served the session last. */
  readonly file: string;
  /** The key before this one: what it encrypted, only its account may be able to read. */
  readonly previousFile: string | undefined;
}

/** A session as it is saved. */
export interface SavedSession extends SessionBinding {
  /** Its hash. */
  readonly session: string;
  /** When it was last used, epoch milliseconds. */
  readonly usedMs: number;
}

/** An id as it is saved. */
export interface SavedId {
  /** Its hash. */
  readonly id: string;
  /** The key whose account knows it. */
  readonly file: string;
  /** When it was last used, epoch milliseconds. */
  readonly usedMs: number;
}

/** Everything that is to survive a restart. Each list begins with what was unused longest. */
export interface SavedAffinity {
  /** Those that a key has served. */
  readonly sessions: readonly SavedSession[];
  /** Those that an answer gave out, or a key was found to know. */
  readonly ids: readonly SavedId[];
}

interface SessionState {
  /** Absent until a key has served the session. */
  readonly bound: SessionBinding | undefined;
  /** Where a request of the session is under way with another key: requests meanwhile go there as well. */
  readonly triedFile: string | undefined;
}

/** Which key a session or an id belongs to. */
export class Affinity {
  readonly #sessions = new RecentMap<SessionState>(SESSIONS);
  readonly #ids = new RecentMap<string>(IDS);
  #change = Promise.withResolvers<void>();
  #toldMs = 0;
  /** Where there is no shared pool, nobody. */
  #sharer: AffinitySharer | undefined;

  /** From now on this one is told, and asked. */
  shareWith(sharer: AffinitySharer): void {
    this.#sharer = sharer;
  }

  /**
   * Before the first key of a request is chosen: asks others what is not known here. `undefined` when there is nothing to
   * wait for. Never rejects.
   */
  ask(request: AskingRequest): Promise<void> | undefined {
    return this.#sharer?.ask(request);
  }

  /** Others know which key this belongs to. What is known here stays. */
  adopt({ kind, hash }: NamedThing, file: string, nowMs: number): void {
    if (kind === "session") {
      if (this.#sessions.get(hash, nowMs)) return;
      this.#sessions.set(hash, { bound: { file, previousFile: undefined }, triedFile: undefined }, nowMs);
    } else {
      if (this.#ids.get(hash, nowMs) !== undefined) return;
      this.#ids.set(hash, file, nowMs);
    }
    this.#tell(nowMs);
  }

  /** The key that the session is on, or `undefined` for a new or forgotten session. */
  keyOf(session: string, nowMs: number): string | undefined {
    const state = this.#sessions.get(session, nowMs);
    return state?.triedFile ?? state?.bound?.file;
  }

  /** The keys that have served the session, the last one first: two at most. */
  servingKeysOf(session: string, nowMs: number): readonly string[] {
    const { file, previousFile } = this.#sessions.get(session, nowMs)?.bound ?? {};
    return [file, previousFile].filter((known) => known !== undefined);
  }

  /** A request of the session is sent with a key. The session is there until {@link settle} says what came of it. */
  begin(session: string, file: string, nowMs: number): void {
    const { bound, triedFile } = this.#sessions.get(session, nowMs) ?? NEW_SESSION;
    this.#sessions.set(session, { bound, triedFile: bound?.file === file ? triedFile : file }, nowMs);
    this.#tellUse(nowMs);
  }

  /** What came of it: the session is bound to a key that served it, and otherwise where it was. */
  settle(session: string, file: string, isServed: boolean, nowMs: number): void {
    const { bound, triedFile } = this.#sessions.get(session, nowMs) ?? NEW_SESSION;
    if (isServed) {
      const isNews = bound?.file !== file;
      const next = isNews ? { file, previousFile: bound?.file } : bound;
      this.#sessions.set(session, { bound: next, triedFile: undefined }, nowMs);
      if (isNews) this.#tell(nowMs);
      this.#sharer?.belongs({ kind: "session", hash: session }, file);
    } else if (triedFile === file) {
      if (bound) this.#sessions.set(session, { bound, triedFile: undefined }, nowMs);
      else this.#sessions.delete(session);
    }
  }

  /** The key whose account made the thing with this id, as far as that is known. */
  ownerOf(id: string, nowMs: number): string | undefined {
    return this.#ids.get(id, nowMs);
  }

  /** A key knows these ids. */
  remember(ids: readonly string[], file: string, nowMs: number): void {
    let isNews = false;
    for (const id of ids) {
      isNews ||= this.#ids.get(id, nowMs) !== file;
      this.#ids.set(id, file, nowMs);
    }
    if (isNews) this.#tell(nowMs);
    else if (ids.length > 0) this.#tellUse(nowMs);
    if (this.#sharer) { for (const hash of ids) this.#sharer.belongs({ kind: "id", hash }, file); }
  }

  /** Resolves when there is something new to save. That a session or an id was used again is new once a minute. */
  nextChange(): Promise<void> {
    return this.#change.promise;
  }

  /**
   * What is to be saved, with times of a clock that is ahead by `wallAheadMs`. Sessions that no key has served yet are not.
   */
  saved(nowMs: number, wallAheadMs = 0): SavedAffinity {
    return {
      sessions: this.#sessions.entries(nowMs).flatMap(({ name: session, value: { bound }, usedMs }) =>
        bound ? [{ session, ...bound, usedMs: usedMs + wallAheadMs }] : []
      ),
      ids: this.#ids.entries(nowMs).map(({ name: id, value: file, usedMs }) => ({
        id,
        file,
        usedMs: usedMs + wallAheadMs,
      })),
    };
  }

  /** Takes over what an earlier run saved. A time in the future, from a clock that was set back, counts as now. */
  restore({ sessions, ids }: SavedAffinity, nowMs: number): void {
    for (const { session, file, previousFile, usedMs } of inOrderOfUse(sessions)) {
      const bound = { file, previousFile };
      this.#sessions.set(session, { bound, triedFile: undefined }, Math.min(usedMs, nowMs));
    }
    for (const { id, file, usedMs } of inOrderOfUse(ids)) this.#ids.set(id, file, Math.min(usedMs, nowMs));
  }

  /** A key has another file from now on. */
  renameKey(from: string, to: string, nowMs: number): void {
    const renamed = (file: string) => file === from ? to : file;
    const { sessions, ids } = this.saved(nowMs);
    this.restore({
      sessions: sessions.map(({ file, previousFile, ...session }) => ({
        ...session,
        file: renamed(file),
        previousFile: previousFile === undefined ? undefined : renamed(previousFile),
      })),
      ids: ids.map(({ file, ...id }) => ({ ...id, file: renamed(file) })),
    }, nowMs);
    this.#tell(nowMs);
  }

  #tellUse(nowMs: number): void {
    if (nowMs - this.#toldMs >= TELL_USE_MS) this.#tell(nowMs);
  }

  #tell(nowMs: number): void {
    this.#toldMs = nowMs;
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}

const NEW_SESSION: SessionState = { bound: undefined, triedFile: undefined };

function inOrderOfUse<Entry extends { readonly usedMs: number }>(
  entries: readonly Entry[],
): readonly Entry[] {
  return entries.toSorted((a, b) => a.usedMs - b.usedMs);
}
