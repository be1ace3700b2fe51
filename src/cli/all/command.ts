/**
 * `cdx2 all`: what is left of every key, as cards, as plain text or as JSON, once or refreshed.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { percent, seconds } from "../../config/setting_kinds.ts";
import { watch as watchOnScreen } from "../../screen/watch.ts";
import { defineCommand } from "../command.ts";
import { parsedAs } from "../options.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { askKeys } from "./ask_keys.ts";
import { renderCards } from "./cards.ts";
import type { DashboardView } from "./page.ts";
import { noKeys, printUsage, printUsageEvery } from "./print.ts";
import { renderPlain } from "./usage_text.ts";

const DEFAULT_WARN_AT = 70;
const DEFAULT_COOLDOWN_AT = 90;
const DEFAULT_TIMEOUT_MS = 8000;
const DEFAULT_WATCH_S = 60;

const PERCENT = percent();
const TIMEOUT = seconds(0.1);
// Each refresh asks the upstream once for every key.
const WATCH_INTERVAL = seconds(5);

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
      .option(
        "--warn-at <percent>",
        "Warn when this much of a window is used.",
        parsedAs(PERCENT),
        DEFAULT_WARN_AT,
      )
      .option(
        "--cooldown-at <percent>",
        "Count a window as used up at this percentage.",
        parsedAs(PERCENT),
        DEFAULT_COOLDOWN_AT,
      )
      .addOption(
        new Option("--timeout <seconds>", "How long to wait for the answer about a key.")
          .argParser(parsedAs(TIMEOUT)).default(DEFAULT_TIMEOUT_MS, String(TIMEOUT.show(DEFAULT_TIMEOUT_MS))),
      )
      .addOption(
        new Option("--only <window>", "Which windows to look at.").choices(["both", "5h", "weekly"] as const)
          .default("both" as const),
      )
      .addOption(
        new Option("--watch [seconds]", "Refresh every N seconds, until q or Ctrl-C.")
          .argParser(parsedAs(WATCH_INTERVAL)).preset(String(DEFAULT_WATCH_S)),
      )
      .option("--plain", "Print plain text without frames, meters and emoji, as when TERM is dumb.")
      .addOption(new Option("--json", "Print JSON.").conflicts(["watch", "plain"])),
  run: async ({ world, output, flags, options }) => {
    const { warnAt, cooldownAt, timeout: timeoutMs, only, watch: intervalMs, json = false } = options;
    const isPlain = options.plain || world.env["TERM"] === "dumb";
    const question = {
      // Made first: asking the proxy extends the environment's list of hosts without an HTTP proxy.
      send: world.sendOut(),
      thresholds: { warn_at: warnAt, cooldown_at: cooldownAt, only },
      timeoutMs,
    };
    const deps = await serviceDeps(world, flags);
    const { authDir } = deps.resolved.settings;
    const draw = (view: DashboardView, columns: number) => {
      if (view.accounts.length === 0) return `${noKeys(authDir).message}\n`;
      return isPlain ? renderPlain(view) : renderCards(view, { columns, palette: output.palette });
    };
    if (intervalMs !== undefined && !isPlain && hasScreen(world)) {
      const ask = () => askKeys(world, deps, question);
      return await watchOnScreen(world, { intervalMs, ask, draw });
    }
    const showsProgress = world.terminal.errIsTerminal && !output.isQuiet && !isPlain;
    const printing = { world, output, deps, question, draw, json, showsProgress };
    return intervalMs === undefined
      ? await printUsage(printing)
      : await printUsageEvery(intervalMs, printing);
  },
});

function hasScreen({ terminal }: World): boolean {
  return terminal.inIsTerminal && terminal.outIsTerminal;
}
