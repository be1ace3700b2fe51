/**
 * Starts and stops the background service for the commands. plan.ts decides what to do; this file does it.
 * @module
 */

import { UserError } from "../values/user_error.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";
import { driftNotes, settingDrift } from "./drift.ts";
import { refuseWithoutClients } from "./client_key_file.ts";
import { prepareAuthDir } from "./first_start.ts";
import { launchService, START_DEADLINE_MS } from "./launch.ts";
import type { LiveHolder } from "./holder.ts";
import { type Observed, observeService, POLL_MS, type ServiceDeps } from "./observe.ts";
import { isAboutToAnswer, planStart, planStop, type StartPlan, type StartWish, waitText } from "./plan.ts";

export type { ServiceDeps } from "./observe.ts";

/** A service that answers. */
export interface Running {
  readonly how: "started" | "reused" | "replaced";
  /** What it says of itself. */
  readonly service: Received<Debug>;
  /** What the user may not expect, a sentence each. */
  readonly notes: readonly string[];
}

/** A service that does not run any more. */
export type Stopped =
  | { readonly how: "stopped" | "killed"; readonly pid: number }
  /** `reason` says why there was nothing to stop. */
  | { readonly how: "not_running"; readonly reason: string };

/** Told what a command waits for, in a few words, when that takes longer than a moment. */
export type OnWait = (text: string) => void;

const WORTH_SAYING_MS = 1000;

/** How the service is started. */
export interface EnsureOptions {
  /** Replace one that runs. */
  readonly force: boolean;
  readonly onWait: OnWait;
  /** With which settings one that is used is compared: those of this command line (by default), or all. */
  readonly compares?: "flags" | "all";
}

/**
 * Starts the service, or uses the one that runs. Resolves when it answers.
 * @throws {@link UserError} when it cannot be started
 */
export async function ensureRunning(
  deps: ServiceDeps,
  { force, onWait, compares = "flags" }: EnsureOptions,
): Promise<Running> {
  const { settings } = deps.resolved;
  await prepareAuthDir(deps.files, settings.authDir);
  await refuseWithoutClients(deps.files, settings);
  const { plan, observed } = await settledPlan(deps, { force, drainMs: settings.drainMs }, onWait);
  switch (plan.kind) {
    case "reuse":
      return { how: "reused", service: plan.debug, notes: notesOnReuse(plan.debug, deps, compares) };
    case "start":
      return { how: "started", service: await launchService(deps), notes: [] };
    case "replace":
      await end(deps, observed, onWait);
      return { how: "replaced", service: await launchService(deps), notes: force ? [] : [plan.reason] };
    case "wait":
    case "refuse":
      throw new UserError(
        `Cannot start the proxy: ${plan.reason}`,
        "hint" in plan ? { hint: plan.hint } : {},
      );
  }
}

/** Looks again while the plan is to wait, until a start and a shutdown would have ended. */
async function settledPlan(
  deps: ServiceDeps,
  wish: StartWish,
  onWait: OnWait,
): Promise<{ plan: StartPlan; observed: Observed }> {
  const say = saidOnce(deps, onWait);
  const deadlineMs = deps.clock.elapsedMs() + START_DEADLINE_MS + wish.drainMs;
  for (;;) {
    const observed = await observeService(deps, { isThorough: wish.force });
    const plan = planStart(observed.facts, wish);
    if (plan.kind !== "wait" || deps.clock.elapsedMs() >= deadlineMs) return { plan, observed };
    say(`waiting: ${plan.reason}`);
    await deps.clock.sleep(POLL_MS);
  }
}

/** Resolves when the process has ended. @throws {@link UserError} when it cannot be ended */
export async function stopService(deps: ServiceDeps, onWait: OnWait): Promise<Stopped> {
  const say = saidOnce(deps, onWait);
  // A service that is starting could not be asked yet, and a signal could come before it handles any.
  const deadlineMs = deps.clock.elapsedMs() + START_DEADLINE_MS;
  for (;;) {
    const observed = await observeService(deps, { isThorough: true });
    const isSettled = !isAboutToAnswer(observed.facts) || deps.clock.elapsedMs() >= deadlineMs;
    if (isSettled) return await end(deps, observed, onWait);
    say("waiting for the proxy that is starting, to ask it then");
    await deps.clock.sleep(POLL_MS);
  }
}

function notesOnReuse(
  debug: Received<Debug>,
  { resolved, version }: ServiceDeps,
  compares: "flags" | "all",
): readonly string[] {
  const drifts = settingDrift(debug, resolved).filter(({ source }) =>
    compares === "all" || source === "flag"
  );
  const isOther = debug.version !== version;
  const other = { name: "version", running: debug.version, wanted: version, source: "program" } as const;
  return driftNotes(isOther ? [...drifts, other] : drifts);
}

async function end(deps: ServiceDeps, { facts, client }: Observed, onWait: OnWait): Promise<Stopped> {
  const plan = planStop(facts, deps.resolved.settings.drainMs);
  if (plan.kind === "nothing") return { how: "not_running", reason: plan.reason };
  if (plan.kind === "refuse") {
    throw new UserError(`Cannot stop the proxy: ${plan.reason}`, { hint: plan.hint });
  }
  const { holder, steps } = plan;
  for (const { act, graceMs } of steps) {
    if (act === "ask") await client?.shutdown();
    else if (await isRunning(deps, holder)) deps.processes.signal(holder.pid, act);
    const say = saidOnce(deps, onWait);
    const onTry = () => say(waitText(facts, act, graceMs));
    if (await hasEndedWithin(deps, holder, { graceMs, onTry })) {
      return { how: act === "SIGKILL" ? "killed" : "stopped", pid: holder.pid };
    }
  }
  throw new UserError(`Cannot stop the proxy: pid ${holder.pid} is still running`);
}

/** Says what is waited for, once and only when it takes longer than a moment from now. */
function saidOnce({ clock }: ServiceDeps, onWait: OnWait): OnWait {
  const fromMs = clock.elapsedMs() + WORTH_SAYING_MS;
  let isSaid = false;
  return (text) => {
    if (isSaid || clock.elapsedMs() < fromMs) return;
    isSaid = true;
    onWait(text);
  };
}

async function hasEndedWithin(
  deps: ServiceDeps,
  holder: LiveHolder,
  { graceMs, onTry }: { readonly graceMs: number; readonly onTry: () => void },
): Promise<boolean> {
  const deadlineMs = deps.clock.elapsedMs() + graceMs;
  while (await isRunning(deps, holder)) {
    if (deps.clock.elapsedMs() >= deadlineMs) return false;
    onTry();
    await deps.clock.sleep(POLL_MS);
  }
  return true;
}

/** Looked up every time, also right before a signal: another program may have got the pid meanwhile. */
async function isRunning({ processes }: ServiceDeps, holder: LiveHolder): Promise<boolean> {
  if (holder.kind === "unproven") return processes.isAlive(holder.pid);
  return await processes.identityOf(holder.pid) === holder.identity;
}
