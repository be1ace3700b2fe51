// Two weeks of use that look like those of a small team, the same at every call: for the screenshots in the docs and for
// tests of the usage page.

import type {
  AttemptEntry,
  ChangeEntry,
  UsageBatch,
  WindowEntry,
} from "../../src/observability/usage/entries.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KEYS = ["work.json", "home.json", "team.json", "spare.json"];
const MODELS = ["gpt-5.5-codex", "gpt-5.5-codex", "gpt-5.5", "gpt-5.5-mini"];

/** What was used in the `days` before `nowMs`. */
export function demoUsage(nowMs: number, days = 14): UsageBatch {
  const random = numbers(7);
  const attempts: AttemptEntry[] = [];
  const windows: WindowEntry[] = [];
  const changes: ChangeEntry[] = [];
  const keys = KEYS.map((key) => new DemoKey(key));
  for (let atMs = nowMs - days * DAY_MS; atMs < nowMs; atMs += 6 * 60_000) {
    const session = `s${Math.floor(atMs / (2 * HOUR_MS))}`;
    for (const key of keys) windows.push(...key.renew(atMs));
    if (!isBusy(atMs, random())) continue;
    const first = keys.findIndex(({ isFull }) => !isFull);
    if (first < 0) continue;
    const key = keys[first]!;
    const input = Math.round(20_000 + random() * 120_000);
    const isLate = first > 0 && random() < 0.04;
    attempts.push({
      atMs,
      key: key.name,
      model: MODELS[Math.floor(random() * MODELS.length)]!,
      session,
      client: "",
      attempt: isLate ? 2 : 1,
      isAnswer: random() > 0.01,
      outcome: "ok",
      input,
      cached: Math.round(input * (0.75 + random() * 0.23)),
      output: Math.round(300 + random() * 3000),
      firstTokenMs: Math.round(600 + random() * random() * 5000),
      latencyMs: Math.round(4000 + random() * 30_000),
      waitedMs: isLate ? 400 + random() * 900 : 1 + random() * 4,
    });
    const filled = key.use(atMs, 0.5 + random() * 4);
    windows.push(...filled.windows);
    changes.push(...filled.changes);
  }
  return { attempts, windows, changes };
}

/** Fills as it is used, and is empty again after its window. */
class DemoKey {
  #five = { used: 0, resetMs: 0 };
  #week = { used: 0, resetMs: 0 };

  constructor(readonly name: string) {}

  get isFull(): boolean {
    return this.#five.used >= 100 || this.#week.used >= 100;
  }

  renew(atMs: number): WindowEntry[] {
    const before = this.#five.used + this.#week.used;
    if (atMs >= this.#five.resetMs) this.#five = { used: 0, resetMs: atMs + 5 * HOUR_MS };
    if (atMs >= this.#week.resetMs) this.#week = { used: 0, resetMs: atMs + 7 * DAY_MS };
    return this.#five.used + this.#week.used < before ? this.#read(atMs) : [];
  }

  use(atMs: number, percent: number): { windows: WindowEntry[]; changes: ChangeEntry[] } {
    this.#five.used = Math.min(100, Math.round(this.#five.used + percent));
    this.#week.used = Math.min(100, Math.round((this.#week.used + percent / 9) * 10) / 10);
    const change = { atMs, key: this.name, state: "cooldown", cause: "usage_limit_reached" };
    return { windows: this.#read(atMs), changes: this.isFull ? [change] : [] };
  }

  #read(atMs: number): WindowEntry[] {
    return [[18_000, this.#five] as const, [604_800, this.#week] as const].map((
      [windowSeconds, { used, resetMs }],
    ) => ({
      atMs,
      key: this.name,
      windowSeconds,
      usedPercent: used,
      resetAtMs: resetMs,
    }));
  }
}

function isBusy(atMs: number, chance: number): boolean {
  const hour = new Date(atMs).getUTCHours();
  const isWeekend = [0, 6].includes(new Date(atMs).getUTCDay());
  return chance < (hour >= 8 && hour < 20 ? 0.85 : 0.06) * (isWeekend ? 0.25 : 1);
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}
