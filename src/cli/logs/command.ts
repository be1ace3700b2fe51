/**
 * `cdx2 logs`: the last lines that the proxy wrote, and new ones with --follow. It reads the files, so it works without
 * a running proxy.
 * @module
 */

import { runtimePaths } from "../../config/paths.ts";
import type { OpenGrowing } from "../../system/growing_file.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { wholeNumber } from "../../config/setting_kinds.ts";
import { parsedAs } from "../options.ts";
import { localSettings } from "../settings.ts";
import { terminalLines } from "./lines.ts";
import { followLines, linesOf } from "./tail.ts";

const DEFAULT_LINES = 120;
const FOLLOW_INTERVAL_MS = 200;
// Nearly every line is shorter, so reading this much for each requested line is enough.
const MAX_LINE_BYTES = 4096;

/** The command `cdx2 logs`. */
export const logsCommand = defineCommand({
  ...listed("logs"),
  details:
    "On a terminal times are local, and lines are broken between words; in a pipe they are those of the file, in UTC. " +
    "With --follow the command ends when its reader has gone and the next line comes.",
  examples: [
    ["show the last 20 lines", "cdx2 logs -n 20"],
    ["follow the log", "cdx2 logs --follow"],
    ["show which keys were blacklisted", "cdx2 logs --events | jq 'select(.event == \"auth.blacklisted\")'"],
  ],
  syntax: (command) =>
    command
      .option("-n, --lines <number>", "Number of lines.", parsedAs(wholeNumber(0)), DEFAULT_LINES)
      .option("-f, --follow", "Keep printing new lines until Ctrl-C.")
      .option("--events", "Show the event log instead, one JSON object per line.")
      .option("--json", "Same as --events."),
  run: async ({ world, output, flags, options: { lines: count, follow, events, json } }) => {
    const { openGrowing, clock } = world;
    const isForUser = world.terminal.outIsTerminal && !events && !json;
    // Asked each time: the terminal may get another size while the log is followed.
    const view = () => ({
      nowMs: clock.nowMs(),
      palette: output.palette,
      columns: world.terminal.outSize?.columns ?? Infinity,
    });
    const show = (lines: readonly string[]) =>
      output.printLines(isForUser ? lines.flatMap((line) => terminalLines(line, view())) : lines);
    const { settings } = await localSettings(world, flags, "The logs are on the gateway");
    const paths = runtimePaths(settings.authDir);
    const path = events || json ? paths.eventsFile : paths.logFile;

    const file = await openGrowing(path, count * MAX_LINE_BYTES);
    if (!file) output.info(`there is no log yet: ${path}${follow ? "; waiting for it" : ""}`);
    const reopen = () => openGrowing(path, Infinity);
    const batches = follow
      ? followLines(file, reopen, { clock, intervalMs: FOLLOW_INTERVAL_MS })
      : linesOf(file);
    const { value: present = [] } = await batches.next();
    const missing = file?.startsWithinLine ? 0 : count - present.length;
    const known = [...await rotatedLines(openGrowing, path, missing), ...present];
    show(known.slice(known.length - Math.min(count, known.length)));
    for await (const lines of batches) show(lines);
    return 0;
  },
});

/** The last `count` lines of the previous file, which a rotation has renamed. */
async function rotatedLines(open: OpenGrowing, path: string, count: number): Promise<readonly string[]> {
  if (count <= 0) return [];
  const { value: lines = [] } = await linesOf(await open(`${path}.1`, count * MAX_LINE_BYTES)).next();
  return lines.slice(-count);
}
