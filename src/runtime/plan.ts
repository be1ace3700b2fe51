/**
 * What to do about the service, decided from observed facts and nothing else. One rule stands above the others:
 * only a process whose identity equals the recorded one is ever signalled, because a pid alone may by now belong
 * to another program.
 * @module
 */

import type { SignalName } from "../system/process.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";
import type { ProcessRecord } from "./process_record.ts";

/** What became of the process that took the lock last. */
export type Holder =
  /** None is recorded, or the record cannot be read. */
  | { readonly kind: "none" }
  | { readonly kind: "gone"; readonly pid: number }
  /** Its pid belongs to another program now. */
  | { readonly kind: "foreign"; readonly pid: number }
  /** Its pid is alive, but the system does not tell whether it is the same process: it may be asked, not signalled. */
  | { readonly kind: "unproven"; readonly pid: number; readonly ageMs: number }
  | { readonly kind: "ours"; readonly pid: number; readonly identity: string; readonly ageMs: number };

export type LiveHolder = Extract<Holder, { kind: "ours" | "unproven" }>;
export type AbsentHolder = Exclude<Holder, LiveHolder>;

/** What the service said when it was asked who it is. */
export type Reply =
  | { readonly kind: "debug"; readonly debug: Received<Debug> }
  /** It answers, but wants another management key. */
  | { readonly kind: "unauthorized" }
  /** `reason` is a few words. */
  | { readonly kind: "silent"; readonly reason: string };

/** Only a live process has been asked. */
export type Facts =
  | { readonly holder: AbsentHolder }
  | { readonly holder: LiveHolder; readonly reply: Reply };

/** What the user asked for. The last three are present only when they were given as flags. */
export interface Wish {
  readonly force: boolean;
  /** How long running streams get to end when a proxy has to go. */
  readonly drainMs: number;
  /** The version of the program that asks. */
  readonly version: string;
  readonly host?: string;
  readonly port?: number;
  readonly upstream?: string;
}

/** Every `reason` completes the sentence "this is done because …". */
export type StartPlan =
  | { readonly kind: "start"; readonly reason: string }
  /** It starts or shuts down at this moment: look again soon. */
  | { readonly kind: "wait"; readonly reason: string }
  | { readonly kind: "reuse"; readonly debug: Received<Debug>; readonly notes: readonly string[] }
  | { readonly kind: "replace"; readonly reason: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

/** A way to end the process and how long it then has; the next step follows when it is still there. */
export interface StopStep {
  readonly act: "ask" | Extract<SignalName, "SIGTERM" | "SIGKILL">;
  readonly graceMs: number;
}

export type StopPlan =
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "end"; readonly holder: LiveHolder; readonly steps: readonly StopStep[] }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

// A cold start takes a tenth of a second; a machine under full load takes a few.
const STARTING_MS = 10_000;
// Enough to end for a process that has no streams to wait for.
const EXIT_GRACE_MS = 3_000;
const KILL_GRACE_MS = 2_000;

/** Compares the recorded process with what runs under its pid now; `identity` is absent when nothing does. */
export function holderOf(
  record: ProcessRecord | undefined,
  now: { isAlive: boolean; identity: string | undefined; nowMs: number },
): Holder {
  if (record === undefined) return { kind: "none" };
  const { pid, identity } = record;
  const ageMs = now.nowMs - Date.parse(record.startedAt);
  if (!now.isAlive) return { kind: "gone", pid };
  if (identity === null) return { kind: "unproven", pid, ageMs };
  // Alive without an identity: it has ended, and its parent has not taken notice yet.
  if (now.identity === undefined) return { kind: "gone", pid };
  return now.identity === identity ? { kind: "ours", pid, identity, ageMs } : { kind: "foreign", pid };
}

export function isLive(holder: Holder): holder is LiveHolder {
  return holder.kind === "ours" || holder.kind === "unproven";
}

/** Too young to be blamed for not answering. An age below zero comes from a clock that was set back. */
export function isStarting({ ageMs }: LiveHolder): boolean {
  return ageMs >= 0 && ageMs < STARTING_MS;
}

/** It answers, but only until its running streams have ended. */
export function isLeaving(debug: Received<Debug>): boolean {
  return debug.status !== "running";
}

export function planStart(facts: Facts, wish: Wish): StartPlan {
  if (!("reply" in facts)) return { kind: "start", reason: whyAbsent(facts.holder) };
  const { holder, reply } = facts;
  if (wish.force) return planReplacement(facts, wish, "--force was given");
  switch (reply.kind) {
    case "debug":
      if (isLeaving(reply.debug)) return { kind: "wait", reason: `pid ${holder.pid} is shutting down` };
      return { kind: "reuse", debug: reply.debug, notes: differences(reply.debug, wish) };
    case "unauthorized":
      return {
        kind: "refuse",
        reason: `the running proxy (pid ${holder.pid}) has another management key`,
        hint: "pass its key with --management-key, or --force to replace it",
      };
    case "silent":
      if (isStarting(holder)) return { kind: "wait", reason: `pid ${holder.pid} is starting` };
      return planReplacement(facts, wish, `pid ${holder.pid} hangs: ${reply.reason}`);
  }
}

function planReplacement(facts: Facts, { drainMs }: Wish, reason: string): StartPlan {
  const stop = stopPlan(facts, drainMs);
  return stop.kind === "refuse" ? stop : { kind: "replace", reason };
}

/** `drainMs` is how long running streams get. */
export function stopPlan(facts: Facts, drainMs: number): StopPlan {
  if (!("reply" in facts)) return { kind: "nothing", reason: whyAbsent(facts.holder) };
  const { holder, reply } = facts;
  const ask: StopStep = { act: "ask", graceMs: drainMs + EXIT_GRACE_MS };
  // A proxy that works but cannot be asked finishes its streams after a signal, too.
  const termGraceMs = reply.kind === "unauthorized" ? drainMs + EXIT_GRACE_MS : EXIT_GRACE_MS;
  const signals: readonly StopStep[] = [
    { act: "SIGTERM", graceMs: termGraceMs },
    { act: "SIGKILL", graceMs: KILL_GRACE_MS },
  ];
  const steps = [...(reply.kind === "debug" ? [ask] : []), ...(holder.kind === "ours" ? signals : [])];
  if (steps.length > 0) return { kind: "end", holder, steps };
  return {
    kind: "refuse",
    reason: `it cannot be told whether pid ${holder.pid} is the proxy`,
    hint: `look with "ps -p ${holder.pid}", and end it yourself if it is`,
  };
}

/** Completes the sentence "there is nothing to ask or stop because …". */
export function whyAbsent(holder: AbsentHolder): string {
  switch (holder.kind) {
    case "none":
      return "no proxy is running";
    case "gone":
      return `the last proxy (pid ${holder.pid}) has ended`;
    case "foreign":
      return `the last proxy has ended, and its pid ${holder.pid} belongs to another program now`;
  }
}

function differences(debug: Received<Debug>, wish: Wish): readonly string[] {
  const pairs = [
    ["host", wish.host, debug.host],
    ["port", wish.port, debug.port],
    ["upstream", wish.upstream, debug.upstream_base_url],
    ["version", wish.version, debug.version],
  ] as const;
  return pairs
    .filter(([, wanted, running]) => wanted !== undefined && wanted !== running)
    .map(([what, wanted, running]) =>
      `the running proxy has ${what} ${running}, not ${wanted}; "cdx2 proxy --force" restarts it`
    );
}
