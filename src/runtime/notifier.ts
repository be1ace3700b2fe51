/**
 * Runs the user's command when a key changes its state, the pool is empty or a login is needed. It runs in the main thread's
 * process, one command at a time and not too often, and no request waits for it.
 * @module
 */

import type { ProxyEvent } from "../observability/event.ts";
import { notificationText, Repetitions } from "../observability/notification.ts";
import type { Cancel, Clock } from "../system/clock.ts";
import type { Environment } from "../system/process.ts";
import type { RunTool, ToolEnd } from "../system/tool.ts";
import type { RunningWorker } from "./sandbox.ts";
import { latencyText } from "../values/durations.ts";

/** What a {@link Notifier} works with. */
export interface NotifierOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** This process's environment, of which the command gets what a program needs. */
  readonly env: Environment;
  /** Runs the command. */
  readonly run: RunTool;
  /** Counts minutes. */
  readonly clock: Clock;
  /** Takes events for the service log. */
  readonly log: (event: ProxyEvent) => Promise<void>;
}

const TIMEOUT_MS = 10_000;
const MAX_WAITING = 20;
const MAX_PER_MINUTE = 30;
const MINUTE_MS = 60_000;

// What a program needs to run, and to reach the desktop. Everything else may be a secret.
const HARMLESS =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR|SystemRoot|USERPROFILE|APPDATA|LOCALAPPDATA|PATHEXT|COMSPEC)$/i;

/** The part of an environment that the user's command gets. */
export function harmlessEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => HARMLESS.test(name)));
}

/** Tells the user's command of events, until it is closed. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #repetitions = new Repetitions();
  #waiting: ProxyEvent[] = [];
  #dropped = 0;
  #startedMs: number[] = [];
  #isRunning = false;
  #isFailing = false;
  #cancel: Cancel = () => {};

  /** Runs nothing before something happens. */
  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** From now on, the command is told of what happens in this worker. */
  serve({ onNews }: Pick<RunningWorker, "onNews">): void {
    onNews(({ events }) => events.forEach((event) => this.tell(event)));
  }

  /** Tells the command soon; never throws, never waits. What is too much is left out, and counted. */
  tell(event: ProxyEvent): void {
    if (!this.#repetitions.isNews(event, this.#options.clock.elapsedMs())) return;
    if (this.#waiting.length >= MAX_WAITING) return void this.#dropped++;
    this.#waiting.push(event);
    this.#next();
  }

  /** Resolves at once: what has not been told is forgotten, and a running command ends by itself. */
  close(): Promise<void> {
    this.#waiting = [];
    this.#cancel();
    return Promise.resolve();
  }

  #next(): void {
    const { clock } = this.#options;
    this.#cancel();
    if (this.#isRunning || this.#waiting.length === 0) return;
    const nowMs = clock.elapsedMs();
    this.#startedMs = this.#startedMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    const [oldestMs] = this.#startedMs;
    if (oldestMs !== undefined && this.#startedMs.length >= MAX_PER_MINUTE) {
      this.#cancel = clock.after(oldestMs + MINUTE_MS - nowMs, () => this.#next());
      return;
    }
    this.#startedMs.push(nowMs);
    void this.#run(this.#waiting.shift()!);
  }

  async #run(event: ProxyEvent): Promise<void> {
    const { command: [command = "", ...args], env, run } = this.#options;
    const input = `${notificationText(event, this.#dropped)}\n`;
    this.#dropped = 0;
    this.#isRunning = true;
    const aloneWith = harmlessEnvironment(env);
    const end = await run(command, args, { stdin: input, timeoutMs: TIMEOUT_MS, aloneWith });
    this.#isRunning = false;
    await this.#report(end);
    this.#next();
  }

  // Each failure in a row would say the same.
  async #report(end: ToolEnd): Promise<void> {
    const { command: [command = ""], clock, log } = this.#options;
    const reason = failureIn(end);
    const isNews = reason !== undefined && !this.#isFailing;
    this.#isFailing = reason !== undefined;
    if (!isNews) return;
    const message = `the command of CLIPROXY_NOTIFY, ${command}, ${reason}`;
    await log({ atMs: clock.nowMs(), level: "warning", event: "notify.failed", message, fields: { reason } });
  }
}

/** Completes "the command …"; `undefined` when it did its work. */
function failureIn(end: ToolEnd): string | undefined {
  switch (end.kind) {
    case "exited":
      return end.code === 0 ? undefined : "ended with an error";
    case "timeout":
      return `was killed: it took longer than ${latencyText(TIMEOUT_MS)}`;
    case "not_found":
      return "cannot be started";
  }
}
