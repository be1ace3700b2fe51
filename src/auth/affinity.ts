/**
 * Which key a session uses, so that its prompt cache stays warm, and which key it used before. A session is forgotten
 * an hour after its last request; when there are too many, the one that was idle longest is forgotten first.
 * @module
 */

const SESSION_TTL_MS = 3_600_000;
const MAX_SESSIONS = 4096;

interface Binding {
  readonly file: string;
  /** The key before this one: only its account may be able to decrypt what it has encrypted. */
  readonly previousFile: string | undefined;
  readonly usedMs: number;
}

/** Sessions with their keys, by file. Times in milliseconds, on any one clock. */
export class SessionAffinity {
  // A Map keeps insertion order. An entry that is used is inserted again, so the first one is always the oldest.
  readonly #sessions = new Map<string, Binding>();

  /** How many sessions are remembered. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The key that the session used last; `undefined` for a new or forgotten session. */
  keyOf(session: string, nowMs: number): string | undefined {
    return this.#current(session, nowMs)?.file;
  }

  /** The key that the session used before its present one; `undefined` when it never moved. */
  previousKeyOf(session: string, nowMs: number): string | undefined {
    return this.#current(session, nowMs)?.previousFile;
  }

  /** Remembers that the session has used a key now. */
  bind(session: string, file: string, nowMs: number): void {
    const last = this.#sessions.get(session);
    const previousFile = last?.file === file ? last.previousFile : last?.file;
    this.#sessions.delete(session);
    this.#sessions.set(session, { file, previousFile, usedMs: nowMs });
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
