/**
 * Tries keys that are back from a penalty, in the background, with a request that spends nothing: so a healed key
 * returns although others serve, and no client waits on a dead one.
 * @module
 */

import type { Trial } from "../auth/lease.ts";
import type { KeyPool } from "../auth/rotation.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import { SendError, type SendUpstream } from "../system/http.ts";
import { ask, type QuestionAnswer } from "../upstream/question.ts";
import { readTrial, TRIAL_CHECK_INTERVAL_MS, trialVerdict } from "../upstream/trial.ts";
import type { Upstreams } from "../upstream/upstreams.ts";

/** What the prober works with. */
export interface ProberOptions {
  /** Says which keys are due, and learns what they answer. */
  readonly pool: KeyPool;
  /** Where keys are tried. */
  readonly upstreams: Upstreams;
  /** The way to the upstream. */
  readonly send: SendUpstream;
  /** Times the looks and the trials. */
  readonly clock: Clock;
  /** Names this program. */
  readonly userAgent: string;
  /** Makes the request id under which a trial is kept as evidence. */
  readonly randomId: () => string;
}

const TRIAL_TIMEOUT_MS = 10_000;

/** Looks for due trials every second until `signal` aborts. */
export async function runProber(options: ProberOptions, signal: AbortSignal): Promise<void> {
  const { clock, pool } = options;
  while (!signal.aborted) {
    pool.expirePenalties(clock.nowMs());
    for (const trial of pool.beginDueTrials(clock.nowMs())) void tryKey(options, trial, signal);
    await clock.sleep(TRIAL_CHECK_INTERVAL_MS, signal);
  }
}

async function tryKey(options: ProberOptions, trial: Trial, signal: AbortSignal): Promise<void> {
  const { pool, upstreams, clock, randomId } = options;
  const answer = await answerTo(options, trial, signal);
  if (!answer) return;
  const nowMs = clock.nowMs();
  const finding = readTrial(answer, upstreams.of(trial.lease.record).isChatGpt, wallMs(clock));
  if (finding.usage) pool.noteUsage(trial.lease.record, finding.usage, nowMs);
  const outcome = trialVerdict(trial, finding);
  const verdict = { status: answer.status, nowMs, requestId: randomId(), model: undefined };
  if (outcome) pool.apply(trial.lease, { ...verdict, outcome });
}

/** `undefined` when there is none: that says nothing about the key. */
async function answerTo(
  { upstreams, send, clock, userAgent }: ProberOptions,
  { lease }: Trial,
  signal: AbortSignal,
): Promise<QuestionAnswer | undefined> {
  const question = upstreams.of(lease.record).trialQuestion(lease.record, userAgent);
  try {
    return await ask(question, { send, clock, timeoutMs: TRIAL_TIMEOUT_MS, signal });
  } catch (error) {
    if (error instanceof SendError) return undefined;
    throw error;
  }
}
