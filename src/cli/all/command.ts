/**
 * `cdx2 all`: what is left of every key, as cards, as plain text or as JSON, once or refreshed.
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { watch as watchOnScreen } from "../../screen/watch.ts";
import { defineCommand } from "../command.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { askKeys } from "./ask_keys.ts";
import { renderCards } from "./cards.ts";
import type { DashboardView } from "./page.ts";
import { noKeys, printUsage, printUsageEvery } from "./print.ts";
import { renderPlain } from "./usage_text.ts";

const DEFAULT_WARN_AT = 70;
const DEFAULT_COOLDOWN_AT = 90;
const DEFAULT_TIMEOUT_S = 8;
const DEFAULT_WATCH_S = 60;
// Each refresh asks the upstream once for every key.
const MIN_WATCH_S = 5;

/** The command `cdx2 all`. */
export const allCommand = defineCommand({
  name: "all",
  group: "Keys:",
  summary: "Show how much usage is left for each key.",
  details: "Exit code 1: no key could be asked.",
  examples: [
    ["show what is left for each key", "cdx2 all"],
    ["keep it on the screen", "cdx2 all --watch"],
    ["check in a script that a key is usable", "cdx2 all --json | jq -e '.availability.available_now > 0'"],
  ],
  syntax: (command) =>
    command
      .option("--warn-at <percent>", "Warn when this much of a window is used.", percentFrom, DEFAULT_WARN_AT)
      .option(
        "--cooldown-at <percent>",
        "Count a window as used up at this percentage.",
        percentFrom,
        DEFAULT_COOLDOWN_AT,
      )
      .option(
        "--timeout <seconds>",
        "How long to wait for the answer about a key.",
        secondsFrom(0.1),
        DEFAULT_TIMEOUT_S,
      )
      .addOption(
        new Option("--only <window>", "Which windows to look at.").choices(["both", "5h", "weekly"] as const)
          .default("both" as const),
      )
      .addOption(
        new Option("--watch [seconds]", "Refresh every N seconds, until q or Ctrl-C.")
          .argParser(secondsFrom(MIN_WATCH_S)).preset(String(DEFAULT_WATCH_S)),
      )
      .option("--plain", "Print plain text without frames, meters and emoji, as when TERM is dumb.")
      .addOption(new Option("--json", "Print JSON.").conflicts(["watch", "plain"])),
  run: async ({ world, output, flags, options }) => {
    const { warnAt, cooldownAt, timeout, only, watch, json = false } = options;
    const isPlain = options.plain || world.env["TERM"] === "dumb";
    const question = {
      // Made first: asking the proxy extends the environment's list of hosts without an HTTP proxy.
      send: world.sendOut(),
      thresholds: { warn_at: warnAt, cooldown_at: cooldownAt, only },
      timeoutMs: timeout * 1000,
    };
    const deps = await serviceDeps(world, flags);
    const { authDir } = deps.resolved.settings;
    const draw = (view: DashboardView, columns: number) => {
      if (view.accounts.length === 0) return `${noKeys(authDir).message}\n`;
      return isPlain ? renderPlain(view) : renderCards(view, { columns, palette: output.palette });
    };
    if (watch !== undefined && !isPlain && hasScreen(world)) {
      const ask = () => askKeys(world, deps, question);
      return await watchOnScreen(world, { intervalMs: watch * 1000, ask, draw });
    }
    const showsProgress = world.terminal.errIsTerminal && !output.isQuiet && !isPlain;
    const printing = { world, output, deps, question, draw, json, showsProgress };
    return watch === undefined ? await printUsage(printing) : await printUsageEvery(watch * 1000, printing);
  },
});

function hasScreen({ terminal }: World): boolean {
  return terminal.inIsTerminal && terminal.outIsTerminal;
}

function percentFrom(text: string): number {
  if (/^\d{1,3}(\.\d+)?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError("Allowed is a number from 0 to 100.");
}

function secondsFrom(min: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) >= min) return Number(text);
    throw new InvalidArgumentError(`Allowed is a number of seconds from ${min}.`);
  };
}
