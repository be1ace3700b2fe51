/**
 * The counters of a shared pool in Redis or Valkey: one hash for each day, which expires as a whole.
 * @module
 */

import { type CounterStore, MAX_COUNTERS_OF_DAY, type StoredCounters } from "./shared_store.ts";

/** Asks the server. @throws StoreDown */
export type Ask = (...words: readonly string[]) => Promise<unknown>;

// No command beyond those of records. The field "n" counts the others; theirs have 22 characters.
const KEEP = `
local count = tonumber(redis.call('HGET', KEYS[1], 'n') or 0)
for at = 2, #ARGV, 2 do
  local isNew = not redis.call('HGET', KEYS[1], ARGV[at])
  if not isNew or count < ${MAX_COUNTERS_OF_DAY} then
    if isNew then count = count + 1 end
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  end
end
redis.call('HSET', KEYS[1], 'n', count)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return false`;

/** See above. */
export class RedisCounters implements CounterStore {
  readonly #ask: Ask;
  readonly #namespace: string;

  /** `namespace` begins the names of the hashes. */
  constructor(ask: Ask, namespace: string) {
    this.#ask = ask;
    this.#namespace = namespace;
  }

  async keepCounters(day: string, counters: readonly StoredCounters[], keepMs: number): Promise<void> {
    const fields = counters.flatMap(({ name, text }) => [name, text]);
    await this.#ask("EVAL", KEEP, "1", this.#keyOf(day), String(keepMs), ...fields);
  }

  async countersOf(days: readonly string[]): Promise<readonly (readonly StoredCounters[])[]> {
    const answers = await Promise.all(days.map((day) => this.#ask("HGETALL", this.#keyOf(day))));
    return answers.map((answer) => {
      const fields = Array.isArray(answer) ? answer.map(String) : [];
      return Array.from({ length: fields.length >> 1 }, (_, at) => ({
        name: fields[2 * at]!,
        text: fields[2 * at + 1]!,
      })).filter(({ name }) => name !== "n");
    });
  }

  #keyOf(day: string): string {
    return `{${this.#namespace}}:usage:${day}`;
  }
}
