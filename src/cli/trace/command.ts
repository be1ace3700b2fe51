/**
 * `cdx2 trace`: the request attempts that the running proxy remembers, and new ones: live on a terminal, as lines
 * elsewhere.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { type FeedEvent, followTrace } from "../../runtime/trace_feed.ts";
import type { Output } from "../../screen/output.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { seconds, wholeNumber } from "../../config/setting_kinds.ts";
import { counted } from "../../values/durations.ts";
import { parsedAs } from "../options.ts";
import { runningClient, serviceDeps, unwrap } from "../service.ts";
import type { World } from "../world.ts";
import {
  askedRows,
  fromNewest,
  type HistoryWish,
  isShown,
  type Others,
  refusedAmong,
  type Row,
} from "./history.ts";
import { endedLine, refusedLine, runningLine, type TraceLine, TraceLines } from "./lines.ts";

const DEFAULT_LIMIT = 200;
const DEFAULT_INTERVAL_MS = 500;
const INTERVAL = seconds(0.1);

/** The command `cdx2 trace`. */
export const traceCommand = defineCommand({
  ...listed("trace"),
  details:
    "On a terminal the view is live; press ? for its keys. Elsewhere attempts are lines, oldest first, and what is " +
    "running comes last. Without --all they are those of requests to a model; --json always prints all.",
  examples: [
    ["watch the requests", "cdx2 trace"],
    ["print the last ten attempts", "cdx2 trace --plain --limit 10"],
    [
      "print the key and the status of each attempt",
      "cdx2 trace --json | jq -r '[.auth_file, .status] | @tsv'",
    ],
  ],
  syntax: (command) =>
    command
      .option(
        "-n, --limit <number>",
        "Start with at most this many attempts.",
        parsedAs(wholeNumber(1)),
        DEFAULT_LIMIT,
      )
      .option("-a, --all", "Show all requests, not only those to a model.")
      .option("--plain", "Print lines, also on a terminal.")
      .option("-f, --follow", "Keep printing new lines until Ctrl-C.")
      .addOption(
        new Option("--interval <seconds>", "Minimum time between two updates.").argParser(parsedAs(INTERVAL))
          .default(DEFAULT_INTERVAL_MS, String(INTERVAL.show(DEFAULT_INTERVAL_MS))),
      )
      .option("--json", "Print one JSON object per line."),
  run: async ({ world, output, flags, options }) => {
    const { limit, plain, follow, interval: intervalMs, json = false, all: showsAll = json } = options;
    const isLive = !json && !plain && isForLiveView(world);
    const find = async () => await runningClient(await serviceDeps(world, flags));
    // No proxy at the start is an error. One that stops later may come back, so wait for it.
    const client = await find();
    const wish = { limit, showsAll };
    const feed = followTrace({
      find,
      limit: askedRows(wish),
      begin: (rows) => fromNewest(rows, wish),
      isLive,
      pause: () => world.clock.sleep(intervalMs),
    });
    if (isLive) {
      const { showLiveTrace } = await import("./live.ts");
      return await showLiveTrace(world, { feed, palette: output.palette, showsAll });
    }
    const lines = new TraceLines(output.palette);
    const show = (rows: readonly Row[]) => {
      const shown = rows.filter(isShown(wish));
      if (shown.length > 0) output.print(json ? jsonLines(shown) : lines.render(shown.map(endedLine)));
    };
    if (follow) {
      await showFeed(feed, show, output);
      return 0;
    }
    const { events, ...others } = unwrap(await client.trace({ limit: askedRows(wish) }));
    const rows = fromNewest(events, wish);
    if (json) {
      if (rows.length + others.running.length === 0) output.info("no requests yet");
      output.print(jsonLines([...rows, ...others.running]));
      return 0;
    }
    const shown = linesOf(rows, others, { ...wish, nowMs: world.clock.nowMs() });
    if (shown.length === 0) output.info("no requests yet");
    output.print(lines.render(shown));
    const hidden = [...rows, ...others.running].filter((row) => !isShown(wish)(row)).length;
    if (hidden > 0) output.note(`${counted(hidden, "more attempt")} not to a model; --all shows all`);
    return 0;
  },
});

/** What there is, oldest first, and what is running after it. */
function linesOf(
  rows: readonly Row[],
  { running, refused }: Others,
  { nowMs, ...wish }: HistoryWish & { readonly nowMs: number },
): readonly TraceLine[] {
  const over = [
    ...rows.filter(isShown(wish)).map(endedLine),
    ...refusedAmong(rows, { refused }).map(refusedLine),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const now = running.filter(isShown(wish)).map((row) => runningLine(row, nowMs));
  return [...over.slice(-wish.limit), ...now];
}

function isForLiveView({ terminal, env }: World): boolean {
  return terminal.outIsTerminal && terminal.inIsTerminal && env["TERM"] !== "dumb";
}

async function showFeed(
  feed: AsyncIterable<FeedEvent>,
  show: (rows: readonly Row[]) => void,
  output: Output,
): Promise<void> {
  let isLost = false;
  for await (const event of feed) {
    if (event.kind === "rows") {
      isLost = false;
      show(event.rows);
    }
    if (event.kind === "lost" && !isLost) {
      isLost = true;
      output.info(`lost the proxy: ${event.reason}; waiting for it`);
    }
  }
}

function jsonLines(rows: readonly (Row | Others["running"][number])[]): string {
  return rows.map((row) => JSON.stringify(row) + "\n").join("");
}
