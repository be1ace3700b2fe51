/**
 * The store of a shared pool in Redis or Valkey: one hash with the records, one channel with those that are put, and a hash
 * of its own for each note, because only whole keys expire everywhere. There are two connections, since one that is subscribed takes no commands. The server is asked for nothing but EVAL, HGETALL,
 * HDEL, TIME, PING and SUBSCRIBE: managed and proxied ones permit these.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { type RedisAddress, RedisConnection } from "../system/redis.ts";
import {
  MAX_NEW_NOTES_OF_DAY,
  type NoteStore,
  type SharedStore,
  type StoredNote,
  StoreDown,
  type StoredRecord,
  type StoreListener,
} from "./shared_store.ts";

/** What a {@link RedisStore} works with. */
export interface RedisStoreOptions {
  /** The server. */
  readonly address: RedisAddress;
  /** Begins the names of the hash and the channel. */
  readonly namespace: string;
  /** Measures the times. */
  readonly clock: Clock;
  /** A number from 0 up to 1: members do not all connect again in the same moment. */
  readonly randomShare: () => number;
}

// A server that takes longer to answer is as good as none.
const TIMEOUT_MS = 1000;
const BEAT_MS = 1000;
const CLOCK_EVERY_BEATS = 30;
const CLOCK_TRIES = 3;
const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [100, 1000];
// Of a namespace that nobody uses any more, nothing stays.
const HASH_KEEP_MS = 60 * 86_400_000;
const MAX_TEXT_CHARS = 16_384;

// One script, so that nobody comes between the look and the write. Braces around the namespace keep all of it in one slot
// of a cluster.
const PUT = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored and tonumber(string.match(stored, '^%d+') or 0) >= tonumber(ARGV[2]) then return stored end
local seconds = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[4])
local record = ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. string.format('%.0f', seconds) .. ' ' .. ARGV[5]
redis.call('HSET', KEYS[1], ARGV[1], record)
redis.call('PEXPIRE', KEYS[1], ${HASH_KEEP_MS})
redis.call('PUBLISH', ARGV[6], ARGV[1] .. ' ' .. record)
return false`;

// Notes need no commands beyond those of records, so that what a user of the server may do need not grow.
// The first key counts those that are new on a day.
const KEEP_NOTES = `
local day = math.floor(tonumber(redis.call('TIME')[1]) / 86400)
local isToday = tonumber(redis.call('HGET', KEYS[1], 'day') or -1) == day
local count = isToday and tonumber(redis.call('HGET', KEYS[1], 'n') or 0) or 0
for at = 2, #KEYS do
  local isNew = not redis.call('HGET', KEYS[at], 'text')
  if not isNew or count < ${MAX_NEW_NOTES_OF_DAY} then
    if isNew then count = count + 1 end
    redis.call('HSET', KEYS[at], 'text', ARGV[2 * at - 3])
    redis.call('PEXPIRE', KEYS[at], ARGV[2 * at - 2])
  end
end
redis.call('HSET', KEYS[1], 'day', day, 'n', count)
redis.call('PEXPIRE', KEYS[1], 172800000)
return false`;
const FIND_NOTES = `
local texts = {}
for at, key in ipairs(KEYS) do texts[at] = redis.call('HGET', key, 'text') end
return texts`;

/** See above. */
export class RedisStore implements SharedStore, NoteStore {
  readonly #options: RedisStoreOptions;
  readonly #hash: string;
  readonly #channel: string;
  #commands: RedisConnection | undefined;
  #aheadMs = 0;

  /** Nothing is connected before {@link watch}. */
  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#hash = `{${options.namespace}}:records`;
    this.#channel = `{${options.namespace}}:feed`;
  }

  async put(name: string, { version, tag, keepMs, text }: StoredRecord): Promise<StoredRecord | undefined> {
    const keepS = String(Math.ceil(keepMs / 1000));
    const answer = await this.#call(
      "EVAL",
      PUT,
      "1",
      this.#hash,
      name,
      String(version),
      tag,
      keepS,
      text,
      this.#channel,
    );
    return typeof answer === "string" ? recordIn(answer)?.record : undefined;
  }

  async all(): Promise<ReadonlyMap<string, StoredRecord>> {
    const answer = await this.#call("HGETALL", this.#hash);
    const fields = Array.isArray(answer) ? answer : [];
    const records = new Map<string, StoredRecord>();
    const expired: string[] = [];
    const nowS = (this.#options.clock.nowMs() + this.#aheadMs) / 1000;
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [name, reading] = [String(fields[at]), recordIn(String(fields[at + 1]))];
      // What cannot be read may be of a newer version: it is left to members of that version.
      if (!reading) continue;
      if (reading.untilS > nowS) records.set(name, reading.record);
      else expired.push(name);
    }
    if (expired.length > 0) await this.#call("HDEL", this.#hash, ...expired);
    return records;
  }

  async keep(notes: readonly StoredNote[]): Promise<void> {
    if (notes.length === 0) return;
    const keys = [`{${this.#options.namespace}}:notes`, ...notes.map(({ name }) => this.#noteKey(name))];
    await this.ask(
      "EVAL",
      KEEP_NOTES,
      String(keys.length),
      ...keys,
      ...notes.flatMap(({ text, keepMs }) => [text, String(keepMs)]),
    );
  }

  async find(names: readonly string[]): Promise<readonly (string | undefined)[]> {
    const keys = names.map((name) => this.#noteKey(name));
    const answer = await this.ask("EVAL", FIND_NOTES, String(keys.length), ...keys);
    const texts = Array.isArray(answer) ? answer : [];
    return names.map((_, at) => isNote(texts[at]) ? texts[at] : undefined);
  }

  #noteKey(name: string): string {
    return `{${this.#options.namespace}}:note:${name}`;
  }

  watch(listener: StoreListener): Disposable {
    const isOver = new AbortController();
    void this.#connectOn(listener, isOver.signal);
    return {
      [Symbol.dispose]: () => {
        isOver.abort();
        this.#commands?.close();
      },
    };
  }

  async #call(...words: readonly string[]): Promise<unknown> {
    const commands = this.#commands;
    if (!commands) throw new StoreDown("not connected");
    try {
      return await commands.call(...words);
    } catch (error) {
      // Whatever it is about, the members cannot rely on it: they connect again, perhaps to another server.
      const reason = error instanceof Error ? error.message : String(error);
      this.#fail(commands, reason);
      throw new StoreDown(reason);
    }
  }

  /** For what is beside the records: a command that is refused leaves these as usable as they are. @throws {@link StoreDown} */
  async ask(...words: readonly string[]): Promise<unknown> {
    if (!this.#commands) throw new StoreDown("not connected");
    return await this.#commands.call(...words).catch((error: Error) => {
      throw new StoreDown(error.message);
    });
  }

  #reason: string | undefined;

  #fail(commands: RedisConnection, reason: string): void {
    if (this.#commands === commands) this.#reason ??= reason;
    commands.close();
  }

  async #connectOn(listener: StoreListener, signal: AbortSignal): Promise<void> {
    const { clock, randomShare } = this.#options;
    let pauseMs = MIN_PAUSE_MS;
    while (!signal.aborted) {
      const sinceMs = clock.elapsedMs();
      const reason = await this.#connectOnce(listener, signal);
      if (signal.aborted) return;
      listener.down(reason);
      // One that is refused at once is not asked again and again.
      pauseMs = clock.elapsedMs() - sinceMs > 10 * MAX_PAUSE_MS
        ? MIN_PAUSE_MS
        : Math.min(MAX_PAUSE_MS, 2 * pauseMs);
      await clock.sleep(pauseMs * (0.75 + randomShare() / 4), signal);
    }
  }

  /** Resolves with the reason once the connection is lost. */
  async #connectOnce(listener: StoreListener, signal: AbortSignal): Promise<string> {
    const { address, clock } = this.#options;
    const onMessage = (text: string) => this.#tell(listener, text);
    const options = { clock, timeoutMs: TIMEOUT_MS, onMessage };
    const open: RedisConnection[] = [];
    this.#reason = undefined;
    try {
      const commands = await RedisConnection.open(address, options);
      open.push(commands);
      const feed = await RedisConnection.open(address, options);
      open.push(feed);
      await feed.call("SUBSCRIBE", this.#channel);
      await this.#measureClock(commands, listener);
      if (signal.aborted) return "stopped";
      this.#commands = commands;
      listener.up();
      const lost = await Promise.race([commands.ended, feed.ended, this.#beat(open, listener)]);
      return this.#reason ?? lost;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      this.#commands = undefined;
      open.forEach((connection) => connection.close());
    }
  }

  /** Asks both connections for a sign of life: a network may drop them without a word. Resolves with the reason. */
  async #beat(open: readonly RedisConnection[], listener: StoreListener): Promise<string> {
    try {
      for (let beat = 1;; beat++) {
        await this.#options.clock.sleep(BEAT_MS);
        await Promise.all(open.map((connection) => connection.call("PING")));
        if (beat % CLOCK_EVERY_BEATS === 0) await this.#measureClock(open[0]!, listener);
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** The shortest round trip tells best how far the server's clock is ahead. */
  async #measureClock(commands: RedisConnection, listener: StoreListener): Promise<void> {
    const { clock } = this.#options;
    let best = { tripMs: Infinity, aheadMs: 0 };
    for (let tries = 0; tries < CLOCK_TRIES; tries++) {
      const startMs = clock.elapsedMs();
      const answer = await commands.call("TIME");
      const tripMs = clock.elapsedMs() - startMs;
      const [seconds, micros] = Array.isArray(answer) ? answer.map(Number) : [];
      if (seconds === undefined || micros === undefined || tripMs >= best.tripMs) continue;
      best = { tripMs, aheadMs: seconds * 1000 + micros / 1000 + tripMs / 2 - clock.nowMs() };
    }
    // Within what a round trip leaves open, it is the same as before.
    if (Math.abs(best.aheadMs - this.#aheadMs) > best.tripMs + 1) this.#aheadMs = Math.round(best.aheadMs);
    listener.clock(this.#aheadMs);
  }

  #tell(listener: StoreListener, text: string): void {
    const end = text.indexOf(" ");
    const reading = recordIn(text.slice(end + 1));
    if (end > 0 && reading) listener.told(text.slice(0, end), reading.record);
  }
}

const RECORD = /^(\d{1,15}) ([\w.]{1,64}) (\d{1,15}) ([\w+/=]*)$/;

/** A record and until when it is kept, in seconds since the epoch; `undefined` for what is none of ours. */
function recordIn(text: string): { readonly record: StoredRecord; readonly untilS: number } | undefined {
  const [, version, tag, untilS, sealed] = text.length > MAX_TEXT_CHARS ? [] : RECORD.exec(text) ?? [];
  if (version === undefined || tag === undefined || sealed === undefined) return undefined;
  return { record: { version: Number(version), tag, keepMs: 0, text: sealed }, untilS: Number(untilS) };
}

function isNote(text: unknown): text is string {
  return typeof text === "string" && text.length <= MAX_TEXT_CHARS;
}
