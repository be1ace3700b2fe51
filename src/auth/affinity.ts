// Which key a session is on, so that its prompt cache stays warm. Entries end an hour after their last use; when
// there are too many the one that was unused longest goes.

const SESSION_TTL_MS = 3_600_000;
const MAX_SESSIONS = 4096;

export class Affinity {
  // A Map keeps insertion order; an entry that is used is put in again, so the first one is always the oldest.
  readonly #sessions = new Map<string, { readonly file: string; readonly usedMs: number }>();

  get size(): number {
    return this.#sessions.size;
  }

  /** The key that the session was last on, or `undefined` for a new or forgotten session. */
  keyOf(session: string, nowMs: number): string | undefined {
    const entry = this.#sessions.get(session);
    if (entry && nowMs - entry.usedMs < SESSION_TTL_MS) return entry.file;
    return undefined;
  }

  /** Puts the session on a key and counts as a use. */
  bind(session: string, file: string, nowMs: number): void {
    this.#sessions.delete(session);
    this.#sessions.set(session, { file, usedMs: nowMs });
    this.#dropOld(nowMs);
  }

  #dropOld(nowMs: number): void {
    for (const [session, { usedMs }] of this.#sessions) {
      if (this.#sessions.size <= MAX_SESSIONS && nowMs - usedMs < SESSION_TTL_MS) return;
      this.#sessions.delete(session);
    }
  }
}
