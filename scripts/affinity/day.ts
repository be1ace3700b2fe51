/**
 * A working day of sessions. A session is some prompts of the user, and a prompt is some calls of the model with tools
 * running in between. When a turn arrives does not depend on the answers before it, so every policy gets the same day.
 * @module
 */

import type { Arrival } from "../../src/replay/history.ts";
import type { Random } from "./random.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The parameters of a day. docs/performance.md says where they come from. */
export const DAY = {
  lengthMs: 9 * HOUR_MS,
  sessions: 20,
  /** The last session begins at least this long before the end of the day. */
  lastStartMs: 1.5 * HOUR_MS,
  promptsPerSession: 9,
  turnsPerPrompt: 10,
  turnMedianMs: 9 * SECOND_MS,
  turnSpread: 0.8,
  toolsMeanMs: 4 * SECOND_MS,
  thinkingMeanMs: 4 * MINUTE_MS,
  /** The share of prompts that a meeting or lunch follows. */
  breakShare: 0.1,
  breakMs: [40 * MINUTE_MS, 90 * MINUTE_MS],
  /** What a turn uses of a 5-hour window. */
  costMedianPercent: 0.3,
  costSpread: 0.7,
} as const;

/** One call of the model. */
export interface Turn extends Arrival {
  readonly session: string;
  readonly durationMs: number;
  /** What it uses of a 5-hour window. */
  readonly costPercent: number;
}

/** The turns of a day that begins at `startMs`, in the order of their arrival. */
export function workingDay(startMs: number, random: Random): readonly Turn[] {
  const turns: Turn[] = [];
  for (let session = 0; session < DAY.sessions; session++) {
    const beginsMs = startMs + random.between(0, DAY.lengthMs - DAY.lastStartMs);
    turns.push(...sessionTurns(`session ${session}`, beginsMs, random));
  }
  const inTime = turns.filter(({ arrivedMs }) => arrivedMs < startMs + DAY.lengthMs);
  return inTime.sort((a, b) => a.arrivedMs - b.arrivedMs);
}

function sessionTurns(session: string, beginsMs: number, random: Random): Turn[] {
  const turns: Turn[] = [];
  let nowMs = beginsMs;
  for (let prompts = random.geometric(DAY.promptsPerSession); prompts > 0; prompts--) {
    for (let left = random.geometric(DAY.turnsPerPrompt); left > 0; left--) {
      const durationMs = random.logNormal(DAY.turnMedianMs, DAY.turnSpread);
      const costPercent = random.logNormal(DAY.costMedianPercent, DAY.costSpread);
      const requestId = `${session} turn ${turns.length}`;
      turns.push({ requestId, session, model: undefined, arrivedMs: nowMs, durationMs, costPercent });
      nowMs += durationMs + random.exponential(DAY.toolsMeanMs);
    }
    const isBreak = random.next() < DAY.breakShare;
    nowMs += isBreak ? random.between(...DAY.breakMs) : random.exponential(DAY.thinkingMeanMs);
  }
  return turns;
}
