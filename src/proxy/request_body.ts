/**
 * Reads the bodies of requests within limits: of one body, of all bodies in memory together, and of a client's silence. A body
 * stays in memory until its request is decided, because another attempt may need it.
 * @module
 */

import type { Settings } from "../config/settings_table.ts";
import { free } from "../values/bytes.ts";
import type { Clock } from "../system/clock.ts";
import { wholeOf } from "../system/http_body.ts";
import type { HttpRequest } from "../system/exchange.ts";
import { type BodyRead, type BodyReading, type BodySource, giveBack, readBody } from "../upstream/body.ts";
import { IdleWatch } from "../upstream/idle_watch.ts";

/** A body that was read and takes memory. */
export interface HeldBody {
  /** Tells it from what was not read. */
  readonly kind: "read";
  /** `undefined` when there is none. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Something reads it until this has ended, which never rejects. */
  readonly keep: (use: Promise<unknown>) => void;
  /** Gives its memory back once nothing reads it any more, and resolves then; that of a small one at once. Never rejects. */
  readonly release: () => Promise<void>;
}

/** What came of reading the body of a request. */
export type RequestBody =
  | HeldBody
  | { readonly kind: "too_large" }
  /** The client sent nothing for the idle timeout. */
  | { readonly kind: "stalled" }
  /** All bodies together would take more than they may, and none has ended in time. */
  | { readonly kind: "no_room" }
  /** The client disconnected, or the body broke off. */
  | { readonly kind: "broken" };

/** What is read. */
export type BodyRequest = BodySource & Pick<HttpRequest, "signal">;

/** The limits of {@link RequestBodies}. */
export type BodyLimits = Pick<Settings, "maxBodyBytes" | "bodyMemoryBytes" | "bodyIdleTimeoutMs">;

// Longer than most requests need for their upload and an upstream's first byte.
const WAIT_FOR_ROOM_MS = 10_000;
// Up to here, a body without a declared length takes this room. A longer one takes room for the longest there may be: bodies
// that each held a part and waited for more would wait for each other.
const SHORT_BYTES = 2 ** 20;

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** All bodies of requests that are in memory. */
export class RequestBodies {
  readonly #limits: BodyLimits;
  readonly #clock: Clock;
  #usedBytes = 0;
  /** Served in order, so that small ones do not keep a large one out for ever. */
  readonly #waiting = new Set<Waiting>();

  /** Holds none yet. */
  constructor(limits: BodyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The limit of one body. */
  get maxBodyBytes(): number {
    return this.#limits.maxBodyBytes;
  }

  /** The memory that is taken at this moment. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Reads a body. Of one that is too large the rest stays unread, or all of it when its declared length says so. */
  async read(request: BodyRequest): Promise<RequestBody> {
    const { headers, signal } = request;
    const { maxBodyBytes } = this.#limits;
    const declared = Number(headers.get("content-length") ?? NaN);
    if (declared > maxBodyBytes) return { kind: "too_large" };
    if (!request.body) return NOTHING;
    const room = new Room(this, Number.isNaN(declared) ? undefined : declared);
    if (!room.holdsAtOnce() && !(await room.holds(0, signal))) return { kind: "no_room" };
    const whole = wholeOf(request.body);
    if (whole) return held({ kind: "read", bytes: whole, memory: undefined }, room);
    const { promise, resolve, reject } = Promise.withResolvers<BodyReading | { readonly kind: "stalled" }>();
    const idle = new IdleWatch(
      this.#clock,
      this.#limits.bodyIdleTimeoutMs,
      () => resolve({ kind: "stalled" }),
    );
    idle.begin();
    const watch = { heard: () => idle.begin(), holds: (bytes: number) => room.holds(bytes, signal) };
    readBody(request, maxBodyBytes, watch).then(resolve, reject);
    const reading = await promise;
    idle.stop();
    if (reading.kind === "read") {
      room.fit(reading.bytes?.length ?? 0);
      return held(reading, room);
    }
    room.release();
    await request.body.cancel().catch(() => {});
    return reading;
  }

  /** Takes memory when there is some, and nobody waits for it. */
  takeAtOnce(bytes: number): boolean {
    return this.#waiting.size === 0 && this.#take(bytes);
  }

  /** Takes memory when there is some. */
  #take(bytes: number): boolean {
    const { bodyMemoryBytes, maxBodyBytes } = this.#limits;
    if (this.#usedBytes + bytes > Math.max(bodyMemoryBytes, maxBodyBytes)) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Whether there was memory, in the end. */
  async takeInTurn(bytes: number, signal: AbortSignal): Promise<boolean> {
    if (this.takeAtOnce(bytes)) return true;
    const entered = new AbortController();
    const waiting = { bytes, enter: () => entered.abort() };
    this.#waiting.add(waiting);
    await this.#clock.sleep(WAIT_FOR_ROOM_MS, AbortSignal.any([signal, entered.signal]));
    // Those after it may find the room that it did not.
    if (this.#waiting.delete(waiting)) this.#letIn();
    return entered.signal.aborted;
  }

  /** Gives memory back, to those that wait for it. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (const waiting of this.#waiting) {
      if (!this.#take(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      waiting.enter();
    }
  }
}

const NOTHING: HeldBody = {
  kind: "read",
  bytes: undefined,
  keep: () => {},
  release: () => Promise.resolve(),
};

function held({ kind, bytes, memory }: BodyRead, room: Room): HeldBody {
  const uses: Promise<unknown>[] = [];
  const release = async () => {
    // Its upstream may answer before it has read all.
    if (uses.length > 0) await Promise.all(uses);
    if (memory) await giveBack(memory);
    else if (bytes) free(bytes);
    room.release();
  };
  return { kind, bytes, keep: (use) => void uses.push(use), release };
}

/** The memory of one body. */
class Room {
  readonly #bodies: RequestBodies;
  readonly #declared: number | undefined;
  #takenBytes = 0;
  #isReleased = false;

  constructor(bodies: RequestBodies, declared: number | undefined) {
    this.#bodies = bodies;
    this.#declared = declared;
  }

  /** Takes what was declared, when that can be had without waiting. */
  holdsAtOnce(): boolean {
    const bytes = this.#declared;
    if (bytes === undefined || !this.#bodies.takeAtOnce(bytes)) return false;
    this.#takenBytes = bytes;
    return true;
  }

  /** Takes what is missing for this number of bytes, and what was declared at once; false when there was none. */
  async holds(bytes: number, signal: AbortSignal): Promise<boolean> {
    const missing = Math.max(bytes, this.#declared ?? this.#wantedFor(bytes)) - this.#takenBytes;
    if (missing <= 0) return true;
    if (this.#isReleased || !(await this.#bodies.takeInTurn(missing, signal))) return false;
    this.#takenBytes += missing;
    if (this.#isReleased) this.fit(0);
    return !this.#isReleased;
  }

  #wantedFor(bytes: number): number {
    const { maxBodyBytes } = this.#bodies;
    if (bytes > SHORT_BYTES) return maxBodyBytes;
    return bytes === 0 ? 0 : Math.min(SHORT_BYTES, maxBodyBytes);
  }

  /** Keeps as much as a body takes that has been read. */
  fit(bytes: number): void {
    const spare = this.#takenBytes - bytes;
    this.#takenBytes = bytes;
    this.#bodies.give(spare);
  }

  /** From now on nothing more is taken either: a client that has stalled may go on. */
  release(): void {
    this.#isReleased = true;
    this.fit(0);
  }
}
