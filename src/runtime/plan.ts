/**
 * What to do about the service, decided from observed facts and nothing else. The most important rule: only a process
 * whose identity equals the recorded one is ever signalled, because the pid alone may belong to another program by now.
 * @module
 */

import { counted, durationText } from "../values/durations.ts";
import type { SignalName } from "../system/process.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";
import type { AbsentHolder, LiveHolder } from "./holder.ts";

/** What the service answered to `/debug`. */
export type Reply =
  | { readonly kind: "debug"; readonly debug: Received<Debug> }
  /** It answers, but has another management key. */
  | { readonly kind: "unauthorized" }
  /** It cannot be asked, since nothing says where it listens. */
  | { readonly kind: "unasked" }
  /** `reason` is a few words. */
  | { readonly kind: "silent"; readonly reason: string };

/** Completes the sentence "it does not answer: …". */
export function whySilent(reply: Extract<Reply, { kind: "unasked" | "silent" }>): string {
  return reply.kind === "silent" ? reply.reason : "it has not said where it listens";
}

/** What is known of the service. Only a live process has been asked. */
export type ServiceFacts =
  | { readonly holder: AbsentHolder }
  | { readonly holder: LiveHolder; readonly reply: Reply };

/** What the user asked for. */
export interface StartWish {
  /** Replace a running proxy. */
  readonly force: boolean;
  /** How long running streams get to end when a proxy has to stop. */
  readonly drainMs: number;
}

/** What to do. Every `reason` completes the sentence "this is done because …". */
export type StartPlan =
  | { readonly kind: "start"; readonly reason: string }
  /** It is starting or shutting down: look again soon. */
  | { readonly kind: "wait"; readonly reason: string }
  | { readonly kind: "reuse"; readonly debug: Received<Debug> }
  | { readonly kind: "replace"; readonly reason: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

/** A way to end the process, and how long it then has. The next step follows when it still runs. */
export interface StopStep {
  readonly act: "ask" | Extract<SignalName, "SIGTERM" | "SIGKILL">;
  readonly graceMs: number;
}

/** How to stop the service. Every `reason` completes the sentence "this is done because …". */
export type StopPlan =
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "end"; readonly holder: LiveHolder; readonly steps: readonly StopStep[] }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

// A cold start takes a tenth of a second; a machine under full load takes a few.
const STARTING_MS = 10_000;
// A process without streams to wait for ends within this time.
const EXIT_GRACE_MS = 3_000;
const KILL_GRACE_MS = 2_000;

/** Too young to be expected to answer. An age below zero comes from a clock that was set back. */
export function isStarting({ ageMs }: LiveHolder): boolean {
  return ageMs >= 0 && ageMs < STARTING_MS;
}

/** It is shutting down: it answers, but only until its running streams have ended. */
export function isShuttingDown(debug: Received<Debug>): boolean {
  return debug.status !== "running";
}

/** How to have the service running. */
export function planStart(facts: ServiceFacts, wish: StartWish): StartPlan {
  if (!("reply" in facts)) return { kind: "start", reason: whyAbsent(facts.holder) };
  const { holder, reply } = facts;
  if (wish.force) return planReplacement(facts, wish, "--force was given");
  switch (reply.kind) {
    case "debug":
      if (isShuttingDown(reply.debug)) return { kind: "wait", reason: `pid ${holder.pid} is shutting down` };
      return { kind: "reuse", debug: reply.debug };
    case "unauthorized":
      return {
        kind: "refuse",
        reason: `the running proxy (pid ${holder.pid}) has another management key`,
        hint: "pass its key with --management-key, or --force to replace it",
      };
    case "unasked":
    case "silent":
      if (isStarting(holder)) return { kind: "wait", reason: `pid ${holder.pid} is starting` };
      return planReplacement(facts, wish, `pid ${holder.pid} hangs: ${whySilent(reply)}`);
  }
}

function planReplacement(facts: ServiceFacts, { drainMs }: StartWish, reason: string): StartPlan {
  const stop = planStop(facts, drainMs);
  return stop.kind === "refuse" ? stop : { kind: "replace", reason };
}

/** Whether the service is about to answer: it is asked to stop once it does, so that it ends in order. */
export function isAboutToAnswer(facts: ServiceFacts): boolean {
  if (!("reply" in facts)) return false;
  const { holder, reply } = facts;
  return isStarting(holder) && (reply.kind === "silent" || reply.kind === "unasked");
}

/** How to stop the service; `drainMs` is how long running streams get to end. */
export function planStop(facts: ServiceFacts, drainMs: number): StopPlan {
  if (!("reply" in facts)) return { kind: "nothing", reason: whyAbsent(facts.holder) };
  const { holder, reply } = facts;
  const ask: StopStep = { act: "ask", graceMs: drainMs + EXIT_GRACE_MS };
  // A proxy that works but cannot be asked also finishes its streams after a signal.
  const mayServe = reply.kind === "unauthorized" || reply.kind === "unasked";
  const termGraceMs = mayServe ? drainMs + EXIT_GRACE_MS : EXIT_GRACE_MS;
  const signals: readonly StopStep[] = [
    { act: "SIGTERM", graceMs: termGraceMs },
    { act: "SIGKILL", graceMs: KILL_GRACE_MS },
  ];
  const steps = [...(reply.kind === "debug" ? [ask] : []), ...(holder.kind === "ours" ? signals : [])];
  if (steps.length > 0) return { kind: "end", holder, steps };
  return {
    kind: "refuse",
    reason: `pid ${holder.pid} may belong to another program`,
    hint: `look with "ps -p ${holder.pid}" (Windows: tasklist), and end it yourself if it is the proxy`,
  };
}

/** What is waited for after a step to stop the service, and for how long at most. */
export function waitText(facts: ServiceFacts, act: StopStep["act"], graceMs: number): string {
  const reply = "reply" in facts ? facts.reply : undefined;
  const running = act === "ask" && reply?.kind === "debug" ? reply.debug.running_requests ?? 0 : 0;
  const what = running > 0
    ? `${counted(running, "running request")} to end`
    : act === "ask"
    ? "the proxy to end"
    : `the proxy to end after ${act}`;
  return `waiting for ${what}, for ${durationText(graceMs)} at most`;
}

/** Completes the sentence "there is nothing to ask or stop because …". */
export function whyAbsent(holder: AbsentHolder): string {
  switch (holder.kind) {
    case "none":
      return "no proxy is running";
    case "ended":
      return `the last proxy (pid ${holder.pid}) has ended`;
    case "foreign":
      return `the last proxy has ended, and its pid ${holder.pid} belongs to another program now`;
  }
}
