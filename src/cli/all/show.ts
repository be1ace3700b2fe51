/**
 * Shows the answer of `cdx2 all`: on the whole screen with `--watch`, else printed, as cards where they fit.
 * @module
 */

import type { Output } from "../../screen/output.ts";
import { watch as watchOnScreen } from "../../screen/watch.ts";
import type { TerminalSize } from "../../system/terminal.ts";
import type { GivenFlags } from "../options.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { renderBrief } from "./brief.ts";
import { renderCards } from "./cards.ts";
import type { DashboardView, Thresholds } from "./page.ts";
import { askAll, type Drawing, noKeys, printUsage, printUsageEvery } from "./print.ts";
import { renderPlain } from "./usage_text.ts";

/** What the user asked for. */
export interface ShowOptions {
  readonly world: World;
  readonly output: Output;
  readonly flags: GivenFlags;
  readonly thresholds: Thresholds;
  /** For each key. */
  readonly timeoutMs: number;
  /** From one answer to the next question; `undefined` asks once. */
  readonly intervalMs: number | undefined;
  readonly drawing: Drawing;
  readonly json: boolean;
}

/** Resolves with the exit code. @throws UserError when there are no keys */
export async function showUsage(options: ShowOptions): Promise<number> {
  const { world, output, flags, thresholds, timeoutMs, intervalMs, drawing, json } = options;
  // Made first: asking the proxy extends the environment's list of hosts without an HTTP proxy.
  const question = { send: world.sendOut(), thresholds, timeoutMs };
  const deps = await serviceDeps(world, flags);
  const draw = (view: DashboardView, size: TerminalSize) =>
    view.accounts.length === 0 ? `${noKeys(deps).message}\n` : textOf(view, { drawing, size, output });
  if (intervalMs !== undefined && drawing !== "plain" && hasScreen(world)) {
    const ask = () => askAll(world, deps, question);
    return await watchOnScreen(world, { intervalMs, ask, draw });
  }
  const showsProgress = deps.gateway === undefined && world.terminal.errIsTerminal && !output.isQuiet &&
    drawing !== "plain";
  const printing = { world, output, deps, question, draw, json, showsProgress };
  return intervalMs === undefined ? await printUsage(printing) : await printUsageEvery(intervalMs, printing);
}

function textOf(
  view: DashboardView,
  { drawing, size: { columns, rows }, output: { palette } }: {
    readonly drawing: Drawing;
    readonly size: TerminalSize;
    readonly output: Output;
  },
): string {
  if (drawing === "plain") return renderPlain(view);
  const cards = drawing === "cards" ? renderCards(view, { columns, palette }) : undefined;
  const fits = cards !== undefined && cards.split("\n").length - 1 <= rows;
  return fits ? cards : renderBrief(view, { columns, palette });
}

function hasScreen({ terminal }: World): boolean {
  return terminal.inIsTerminal && terminal.outIsTerminal;
}
