/**
 * `cdx2 trace`: the request attempts that the running proxy remembers, and those to come: live on a terminal, as lines
 * elsewhere.
 * @module
 */

import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { Fields } from "../../values/json.ts";
import { type FeedEvent, followTrace } from "../../runtime/trace_feed.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { showLiveTrace } from "./live.ts";
import { addServiceOptions, flagsOf, outputOf, wholeNumberFrom } from "../options.ts";
import type { Output } from "../../screen/output.ts";
import { runningClient, serviceDeps, valueOf } from "../service.ts";
import { TraceLines } from "./lines.ts";
import type { World } from "../world.ts";

const DEFAULT_LIMIT = 200;
const DEFAULT_INTERVAL_S = 0.5;
const MIN_INTERVAL_S = 0.1;

export function declareTrace(command: Command, { world, exit }: Context): void {
  addExamples(
    command,
    ["watch what goes through", "cdx2 trace"],
    ["the last ten attempts as lines", "cdx2 trace --plain --limit 10"],
    ["which keys answered how", "cdx2 trace --json | jq -r '[.auth_file, .status] | @tsv'"],
  );
  addServiceOptions(
    command.description(
      "Show request attempts: live on a terminal, where ? explains the keys; as lines elsewhere, oldest first.",
    ),
  )
    .option("-n, --limit <number>", "Begin with at most this many.", wholeNumberFrom(1), DEFAULT_LIMIT)
    .option("--plain", "Lines, also on a terminal.")
    .option("-f, --follow", "Go on with new lines, until Ctrl-C.")
    .option("--interval <seconds>", "The least time between two portions.", intervalFrom, DEFAULT_INTERVAL_S)
    .option("--json", "One JSON object a line.")
    .action(async ({ limit, plain, follow, interval, json }, command) => {
      const output = outputOf(command, world);
      const find = async () => await runningClient(await serviceDeps(world, flagsOf(command)));
      // A proxy that is not there at first is an error; one that leaves later is waited for.
      const client = await find();
      const feed = followTrace({ find, limit, pause: () => world.clock.sleep(interval * 1000) });
      if (!json && !plain && isForLiveView(world)) {
        return exit(await showLiveTrace(world, { feed, palette: output.palette }));
      }
      const lines = new TraceLines(output.palette);
      const show = (rows: readonly Fields[]) => {
        if (rows.length > 0) output.answer(json ? jsonLines(rows) : lines.render(rows));
      };
      if (follow) return await showFeed(feed, show, output);
      const { events } = valueOf(await client.trace({ limit }));
      if (events.length === 0) output.say("no requests yet");
      show(events);
    });
}

function isForLiveView({ terminal, env }: World): boolean {
  return terminal.outIsTerminal && terminal.inIsTerminal && env["TERM"] !== "dumb";
}

async function showFeed(
  feed: AsyncIterable<FeedEvent>,
  show: (rows: readonly Fields[]) => void,
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
      output.say(`lost the proxy: ${event.reason}; waiting for it`);
    }
  }
}

function jsonLines(rows: readonly Fields[]): string {
  return rows.map((row) => JSON.stringify(row) + "\n").join("");
}

function intervalFrom(text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) >= MIN_INTERVAL_S) return Number(text);
  throw new InvalidArgumentError(`Allowed is a number of seconds from ${MIN_INTERVAL_S}.`);
}
