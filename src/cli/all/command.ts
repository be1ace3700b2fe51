/**
 * `cdx2 all`: what is left of every key, as cards, as plain text or as JSON, once or refreshed.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { percent, seconds } from "../../config/setting_kinds.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { parsedAs } from "../options.ts";
import type { Drawing } from "./print.ts";

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
  ...listed("all"),
  details: "Exit code 1: no key could be asked.",
  examples: [
    ["show what is left for each key", "cdx2 all"],
    ["keep it on the screen", "cdx2 all --watch"],
    ["show one line in a prompt or a status bar", "cdx2 all --line"],
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
      .option("--brief", "One line per key, as on a terminal too small for the cards.")
      .addOption(
        new Option(
          "--line",
          "One line in all, of what the running proxy knows already, without asking anybody.",
        )
          .conflicts(["watch", "plain", "brief", "json"]),
      )
      .option("--plain", "Print plain text without frames, meters and emoji, as when TERM is dumb.")
      .addOption(new Option("--json", "Print JSON.").conflicts(["watch", "plain", "brief"])),
  run: async ({ world, output, flags, options }) => {
    const { warnAt, cooldownAt, timeout: timeoutMs, only, watch: intervalMs, json = false } = options;
    // The rest is loaded for those who wait for the upstream anyway: a prompt does not.
    if (options.line) {
      return await (await import("./print_line.ts")).printLine(world, output, flags);
    }
    const { showUsage } = await import("./show.ts");
    const drawing: Drawing = options.plain || world.env["TERM"] === "dumb"
      ? "plain"
      : options.brief
      ? "brief"
      : "cards";
    return await showUsage({
      world,
      output,
      flags,
      thresholds: { warn_at: warnAt, cooldown_at: cooldownAt, only },
      timeoutMs,
      intervalMs,
      drawing,
      json,
    });
  },
});
