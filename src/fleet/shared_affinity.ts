/**
 * Which key a session or an id belongs to, shared between the members of a pool: so that the next request of a session finds
 * its prompt cache, and one that names a response its account, whichever member gets it. What was learned is told
 * after the requests. A request asks only for what its own proxy knows nothing of, once, and waits 30 ms at most: this is
 * the one place where a request waits for the store.
 * @module
 */

import { type Affinity, AFFINITY_TTL_MS } from "../auth/affinity.ts";
import type { AffinitySharer, AskingRequest, NamedThing } from "../auth/affinity_sharer.ts";
import { fingerprint } from "../auth/fingerprint.ts";
import type { NamedKind } from "../auth/name_hash.ts";
import { RecentMap } from "../auth/recent_map.ts";
import type { AuthRecord } from "../auth/record.ts";
import { accountName } from "../credentials/login_id.ts";
import type { Clock } from "../system/clock.ts";
import type { Seal } from "./seal.ts";
import type { NoteStore, StoredNote } from "./shared_store.ts";

/** What a {@link SharedAffinity} works with. */
export interface SharedAffinityOptions {
  /** Where the members meet. */
  readonly store: NoteStore;
  /** Whether the store can be used now. */
  readonly isUp: () => boolean;
  /** Names and seals. */
  readonly seal: Seal;
  /** What this proxy knows. */
  readonly affinity: Pick<Affinity, "keyOf" | "ownerOf" | "adopt">;
  /** The clock of the pool. */
  readonly clock: Clock;
}

/** How long a request waits for an answer at most. */
export const MAX_ASK_MS = 30;
/** How much waits for the store at most. The oldest is then given up. */
export const MAX_UNTOLD = 4096;
// What the answers of a moment give out goes together. Sealing a batch takes about a millisecond.
const BATCH_MS = 10;
const BATCH_NOTES = 32;
// A use makes the store keep a note for longer, but is not worth a note for each request.
const TOLD = { maxEntries: MAX_UNTOLD, ttlMs: 600_000 };
const NOTE = { version: 0, tag: "note" };

interface Untold extends NamedThing {
  /** The name of its key in the pool. */
  readonly owner: string;
  /** When it was used. */
  readonly usedMs: number;
}

/** What to ask others before a request is sent: nothing that its own proxy knows, and nothing that decides nothing. Pure. */
export function questionOf(
  known: Pick<Affinity, "keyOf" | "ownerOf">,
  { pinned, session, stateIds }: AskingRequest,
  nowMs: number,
): readonly NamedThing[] {
  // A pinned key and a known owner come before the session.
  if (pinned !== undefined || stateIds.some((id) => known.ownerOf(id, nowMs) !== undefined)) return [];
  const things: NamedThing[] = stateIds.map((hash) => ({ kind: "id", hash }));
  const isNew = session !== undefined && known.keyOf(session, nowMs) === undefined;
  return isNew ? [...things, { kind: "session", hash: session }] : things;
}

/** See above. */
export class SharedAffinity implements AffinitySharer {
  readonly #options: SharedAffinityOptions;
  /** The names of the keys in the pool by file, and the first file of each. */
  #names: ReadonlyMap<string, string> = new Map();
  #files: ReadonlyMap<string, string> = new Map();
  readonly #told: Readonly<Record<NamedKind, RecentMap<string>>> = {
    session: new RecentMap(TOLD),
    id: new RecentMap(TOLD),
  };
  #untold = new Map<string, Untold>();
  #isTelling = false;
  /** Requests that went on without an answer which may still come. Until then, no other waits for one. */
  #late = 0;

  /** Knows no keys before {@link listed}. */
  constructor(options: SharedAffinityOptions) {
    this.#options = options;
  }

  /** How much the store is still to be told. */
  get pending(): number {
    return this.#untold.size;
  }

  /** These are the keys. A renewed token is of the same account: what belongs to it stays with it. */
  listed(records: readonly AuthRecord[]): void {
    const { seal } = this.#options;
    const named = records.map((record) => ({
      ...record,
      name: seal.name("owner", accountName(record) ?? fingerprint(record.token)),
    }));
    this.#names = new Map(named.map(({ file, name }) => [file, name]));
    const enabled = named.filter(({ isDisabled }) => !isDisabled);
    this.#files = new Map(enabled.toReversed().map(({ file, name }) => [name, file]));
  }

  /** What all members call the key of this file; `undefined` when there is none. */
  ownerName(file: string): string | undefined {
    return this.#names.get(file);
  }

  /** The key that all members call so, of those that are not disabled; `undefined` when there is none. */
  fileOf(ownerName: string): string | undefined {
    return this.#files.get(ownerName);
  }

  belongs({ kind, hash }: NamedThing, file: string): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#told[kind].get(hash, nowMs) === file) return;
    const owner = this.#names.get(file);
    if (owner === undefined) return;
    this.#told[kind].set(hash, file, nowMs);
    const key = `${kind} ${hash}`;
    // At the end again: it is the youngest.
    this.#untold.delete(key);
    this.#untold.set(key, { kind, hash, owner, usedMs: nowMs });
    this.#dropOldest();
    this.#tellSoon();
  }

  ask(request: AskingRequest): Promise<void> | undefined {
    const { isUp, affinity, clock } = this.#options;
    if (this.#late > 0 || !isUp()) return undefined;
    const question = questionOf(affinity, request, clock.nowMs());
    return question.length === 0 ? undefined : this.#waitFor(this.#learn(question));
  }

  /** The store can be used: tells what waits. */
  synced(): void {
    this.#tellSoon();
  }

  async #waitFor(answer: Promise<void>): Promise<void> {
    const isHere = new AbortController();
    void answer.then(() => isHere.abort());
    await this.#options.clock.sleep(MAX_ASK_MS, isHere.signal);
    if (isHere.signal.aborted) return;
    this.#late++;
    void answer.then(() => this.#late--);
  }

  /** Asks for these, and keeps what comes, however late. Never rejects. */
  async #learn(things: readonly NamedThing[]): Promise<void> {
    const { store, seal, affinity, clock } = this.#options;
    const names = things.map(({ kind, hash }) => seal.name(kind, hash));
    const texts = await store.find(names).catch(() => []);
    things.forEach((thing, at) => {
      const text = texts[at];
      const owner = text === undefined ? undefined : seal.open(text, { ...NOTE, name: names[at]! });
      const file = this.#files.get(owner ?? "");
      if (file !== undefined) affinity.adopt(thing, file, clock.nowMs());
    });
  }

  #dropOldest(): void {
    for (const key of this.#untold.keys()) {
      if (this.#untold.size <= MAX_UNTOLD) return;
      this.#untold.delete(key);
    }
  }

  #tellSoon(): void {
    const { clock, isUp } = this.#options;
    if (this.#isTelling || this.#untold.size === 0 || !isUp()) return;
    this.#isTelling = true;
    clock.after(BATCH_MS, () => void this.#tellOn().finally(() => this.#isTelling = false));
  }

  async #tellOn(): Promise<void> {
    while (this.#untold.size > 0 && this.#options.isUp()) {
      const batch = [...this.#untold.entries().take(BATCH_NOTES)];
      for (const [key] of batch) this.#untold.delete(key);
      try {
        await this.#options.store.keep(batch.flatMap(([, untold]) => this.#noteOf(untold)));
      } catch {
        // What came meanwhile is younger, and counts.
        this.#untold = new Map([...batch, ...this.#untold]);
        this.#dropOldest();
        return;
      }
    }
  }

  /** None when it has expired while it waited. */
  #noteOf({ kind, hash, owner, usedMs }: Untold): readonly StoredNote[] {
    const { seal, clock } = this.#options;
    const keepMs = Math.ceil(usedMs + AFFINITY_TTL_MS[kind] - clock.nowMs());
    const name = seal.name(kind, hash);
    return keepMs > 0 ? [{ name, keepMs, text: seal.seal(owner, { ...NOTE, name }) }] : [];
  }
}
