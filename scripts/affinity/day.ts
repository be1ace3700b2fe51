/**
 * A working day of sessions: each is some prompts of a person, each prompt some calls of the model with tools at work
 * in between. When a turn comes does not depend on how the ones before it fared, so every policy meets the same day.
 * @module
 */

import type { Arrival } from "../../src/replay/history.ts";
import type { Random } from "./random.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const DAY = {
  lengthMs: 9 * HOUR_MS,
  sessions: 20,
  /** The last session begins so long before the end of the day. */
  lastStartMs: 1.5 * HOUR_MS,
  promptsPerSession: 9,
  turnsPerPrompt: 10,
  turnMedianMs: 9 * SECOND_MS,
  turnSpread: 0.8,
  toolsMeanMs: 4 * SECOND_MS,
  thinkingMeanMs: 4 * MINUTE_MS,
  /** A meeting, or lunch. */
  breakShare: 0.1,
  breakMs: [40 * MINUTE_MS, 90 * MINUTE_MS],
  /** Of a 5-hour window, in percent. */
  costMedianPercent: 0.3,
  costSpread: 0.7,
} as const;

/** One call of the model. */
export interface Turn extends Arrival {
  readonly session: string;
  readonly durationMs: number;
  /** Of a 5-hour window. */
  readonly costPercent: number;
}

/** The turns of a day that begins at `startMs`, in the order in which they come. */
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
      turns.push({ requestId, session, arrivedMs: nowMs, durationMs, costPercent });
      nowMs += durationMs + random.exponential(DAY.toolsMeanMs);
    }
    const isBreak = random.next() < DAY.breakShare;
    nowMs += isBreak ? random.between(...DAY.breakMs) : random.exponential(DAY.thinkingMeanMs);
  }
  return turns;
}
