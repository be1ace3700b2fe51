/**
 * `cdx2 trace` on a terminal: brings keys, news and time to the live view, and what it then shows to the screen.
 * @module
 */

import { screenChanges } from "../../screen/screen_diff.ts";
import { initialTui, tuiAfter, type TuiEvent, type TuiState } from "../../observability/tui.ts";
import { attemptOf, keyRowOf } from "../../observability/tui/data.ts";
import { frame } from "../../observability/tui/view.ts";
import type { ManagementClient } from "../../api/client.ts";
import type { FeedEvent } from "../../runtime/trace_feed.ts";
import type { Clock } from "../../system/clock.ts";
import { signalExitCode, type SignalName } from "../../system/process.ts";
import type { Screen } from "../../system/screen.ts";
import type { Palette } from "../../screen/output.ts";
import type { World } from "../world.ts";

export interface LiveTraceOptions {
  readonly feed: AsyncIterable<FeedEvent>;
  readonly palette: Palette;
}

const KEYS_INTERVAL_MS = 2000;
// Countdowns are in seconds.
const TICK_MS = 1000;
const STOP_SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Shows the feed until the person or a signal ends it, and returns the exit code. The terminal is given back. */
export async function showLiveTrace(
  { openScreen, clock, processes }: World,
  { feed, palette }: LiveTraceOptions,
): Promise<number> {
  const screen = openScreen();
  const over = new AbortController();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<number>();
  const forget = STOP_SIGNALS.map((name) => processes.onSignal(name, () => stop(signalExitCode(name))));
  try {
    const live = new LiveTrace({ screen, clock, palette, over: over.signal });
    const endless = [live.follow(feed), live.askForKeys(), live.letTimePass()];
    return await Promise.race([stopped, live.obeyKeys(), ...endless]);
  } finally {
    over.abort();
    forget.forEach((act) => act());
    screen.close();
  }
}

interface LiveTracePorts {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly palette: Palette;
  /** Aborts when the screen is no longer ours. */
  readonly over: AbortSignal;
}

class LiveTrace {
  readonly #ports: LiveTracePorts;
  #state: TuiState;
  /** The lines that are on the screen. */
  #shown: readonly string[] | undefined;
  /** Absent while the proxy is lost. */
  #client: ManagementClient | undefined;

  constructor(ports: LiveTracePorts) {
    this.#ports = ports;
    this.#state = initialTui(ports.screen.size);
    ports.screen.onResize(() => this.#fitToScreen());
    this.#draw();
  }

  /** Returns the exit code; 0 when the terminal is gone. */
  async obeyKeys(): Promise<number> {
    for await (const key of this.#ports.screen.keys) {
      this.#take({ kind: "key", key });
      if (this.#state.exitCode !== undefined) return this.#state.exitCode;
    }
    return 0;
  }

  async follow(feed: AsyncIterable<FeedEvent>): Promise<never> {
    for await (const event of feed) {
      if (event.kind === "found") {
        this.#client = event.client;
        await this.#readKeys();
      } else if (event.kind === "lost") {
        this.#client = undefined;
        this.#take(event);
      } else {
        const attempts = event.rows.map((row) => attemptOf(row, event.run));
        this.#take({ kind: "attempts", attempts });
      }
    }
    throw new Error("the feed has ended");
  }

  async askForKeys(): Promise<never> {
    for (;;) {
      await this.#pause(KEYS_INTERVAL_MS);
      await this.#readKeys();
    }
  }

  async letTimePass(): Promise<never> {
    for (;;) {
      await this.#pause(TICK_MS);
      // Not every system tells of a new size.
      this.#fitToScreen();
      this.#take({ kind: "tick" });
    }
  }

  async #readKeys(): Promise<void> {
    const result = await this.#client?.health();
    // Whether the proxy is there is for the feed to say.
    if (result?.kind === "answer") this.#take({ kind: "keys", keys: result.value.accounts.map(keyRowOf) });
  }

  #fitToScreen(): void {
    const { size } = this.#ports.screen;
    const { columns, rows } = this.#state.size;
    if (size.columns === columns && size.rows === rows) return;
    this.#shown = undefined;
    this.#take({ kind: "resize", size });
  }

  #take(event: TuiEvent): void {
    this.#state = tuiAfter(this.#state, event, this.#ports.clock.nowMs());
    if (!this.#ports.over.aborted) this.#draw();
  }

  #draw(): void {
    const { screen, clock, palette } = this.#ports;
    const lines = frame(this.#state, { nowMs: clock.nowMs(), palette });
    const changes = screenChanges(this.#shown, lines);
    if (changes !== "") screen.write(changes);
    this.#shown = lines;
  }

  /** Never resolves once the screen is no longer ours. */
  async #pause(pauseMs: number): Promise<void> {
    const { clock, over } = this.#ports;
    await clock.sleep(pauseMs, over);
    if (over.aborted) await new Promise(() => {});
  }
}
