/**
 * `cdx2 trace` on a terminal: passes key presses, new attempts and the time to the live view, and draws it.
 * @module
 */

import { screenChanges } from "../../screen/screen_diff.ts";
import { tuiAfter } from "../../observability/tui.ts";
import { attemptRowOf, keyRowOf, refusedRowOf, runningRowOf } from "../../observability/tui/data.ts";
import { initialTui, type TuiEvent, type TuiState } from "../../observability/tui/state.ts";
import { frame } from "../../observability/tui/view.ts";
import type { ManagementClient } from "../../api/client.ts";
import type { FeedEvent } from "../../runtime/trace_feed.ts";
import type { Clock } from "../../system/clock.ts";
import type { Screen } from "../../system/screen.ts";
import { onScreen } from "../../screen/on_screen.ts";
import type { Palette } from "../../screen/palette.ts";
import type { World } from "../world.ts";

/** What is shown, and in which colours. */
export interface LiveTraceOptions {
  readonly feed: AsyncIterable<FeedEvent>;
  readonly palette: Palette;
  /** It begins with all requests; else with those to a model. */
  readonly showsAll: boolean;
}

const KEYS_INTERVAL_MS = 2000;
// Countdowns show seconds.
const TICK_MS = 1000;

/** Shows the feed until the user or a signal ends it, restores the terminal, and returns the exit code. */
export async function showLiveTrace(
  world: World,
  { feed, palette, showsAll }: LiveTraceOptions,
): Promise<number> {
  return await onScreen(world, async (screen, closed) => {
    const live = new LiveTrace({ screen, clock: world.clock, palette, showsAll, closed });
    return await Promise.race([live.handleKeys(), live.follow(feed), live.refreshKeys(), live.tick()]);
  });
}

interface LiveTracePorts {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly palette: Palette;
  readonly showsAll: boolean;
  /** Aborts before the terminal is restored. */
  readonly closed: AbortSignal;
}

class LiveTrace {
  readonly #ports: LiveTracePorts;
  #state: TuiState;
  /** The lines that are on the screen. */
  #lines: readonly string[] | undefined;
  /** `undefined` while the proxy is lost. */
  #client: ManagementClient | undefined;

  constructor(ports: LiveTracePorts) {
    this.#ports = ports;
    this.#state = initialTui(ports.screen.size, ports);
    ports.screen.onResize(() => this.#fitToScreen());
    this.#draw();
  }

  /** Returns the exit code; 0 when the terminal has been closed. */
  async handleKeys(): Promise<number> {
    for await (const key of this.#ports.screen.keys) {
      this.#dispatch({ kind: "key", key });
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
        this.#dispatch(event);
      } else {
        const { run, rows, running, refused } = event;
        this.#dispatch({
          kind: "answer",
          attempts: rows.map((row) => attemptRowOf(row, run)),
          running: running.map((row) => runningRowOf(row, run)),
          refused: refused.map((row) => refusedRowOf(row, run)),
        });
      }
    }
    throw new Error("the feed has ended");
  }

  async refreshKeys(): Promise<never> {
    for (;;) {
      await this.#pause(KEYS_INTERVAL_MS);
      await this.#readKeys();
    }
  }

  async tick(): Promise<never> {
    for (;;) {
      await this.#pause(TICK_MS);
      // Not every system reports a new size.
      this.#fitToScreen();
      this.#dispatch({ kind: "tick" });
    }
  }

  async #readKeys(): Promise<void> {
    const result = await this.#client?.health();
    // The feed reports whether the proxy is running.
    if (result?.kind === "answer") {
      this.#dispatch({ kind: "keys", keys: result.value.accounts.map(keyRowOf) });
    }
  }

  #fitToScreen(): void {
    const { size } = this.#ports.screen;
    const { columns, rows } = this.#state.size;
    if (size.columns === columns && size.rows === rows) return;
    this.#lines = undefined;
    this.#dispatch({ kind: "resize", size });
  }

  #dispatch(event: TuiEvent): void {
    this.#state = tuiAfter(this.#state, event, this.#ports.clock.nowMs());
    if (!this.#ports.closed.aborted) this.#draw();
  }

  #draw(): void {
    const { screen, clock, palette } = this.#ports;
    const lines = frame(this.#state, { nowMs: clock.nowMs(), palette });
    const changes = screenChanges(this.#lines, lines);
    if (changes !== "") screen.write(changes);
    this.#lines = lines;
  }

  /** Never resolves once the terminal has been restored. */
  async #pause(pauseMs: number): Promise<void> {
    const { clock, closed } = this.#ports;
    await clock.sleep(pauseMs, closed);
    if (closed.aborted) await new Promise(() => {});
  }
}
