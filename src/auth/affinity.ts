/**
 * Which key a session is on, so that its prompt cache stays warm, and which one it was on before. Entries end an hour after their last use; when
 * there are too many the one that was unused longest goes.
 * @module
 */

const SESSION_TTL_MS = 3_600_000;
const MAX_SESSIONS = 4096;

interface Binding {
  readonly file: string;
  /** The key before this one: what it encrypted, only its account may be able to read. */
  readonly formerFile: string | undefined;
  readonly usedMs: number;
}

/** Which session belongs to which key. It forgets the sessions that were not used for longest. */
export class SessionAffinity {
  // A Map keeps insertion order; an entry that is used is put in again, so the first one is always the oldest.
  readonly #sessions = new Map<string, Binding>();

  /** How many sessions it remembers. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The key that the session was last on, or `undefined` for a new or forgotten session. */
  keyOf(session: string, nowMs: number): string | undefined {
    return this.#current(session, nowMs)?.file;
  }

  /** The key that the session was on before, if it was moved. */
  previousKeyOf(session: string, nowMs: number): string | undefined {
    return this.#current(session, nowMs)?.formerFile;
  }

  /** Puts the session on a key and counts as a use. */
  bind(session: string, file: string, nowMs: number): void {
    const last = this.#sessions.get(session);
    const formerFile = last?.file === file ? last.formerFile : last?.file;
    this.#sessions.delete(session);
    this.#sessions.set(session, { file, formerFile, usedMs: nowMs });
    this.#dropOld(nowMs);
  }

  #current(session: string, nowMs: number): Binding | undefined {
    const binding = this.#sessions.get(session);
    return binding && nowMs - binding.usedMs < SESSION_TTL_MS ? binding : undefined;
  }

  #dropOld(nowMs: number): void {
    for (const [session, { usedMs }] of this.#sessions) {
      if (this.#sessions.size <= MAX_SESSIONS && nowMs - usedMs < SESSION_TTL_MS) return;
      this.#sessions.delete(session);
    }
  }
}
