// `cdx2 trace`: the request attempts that the running proxy remembers, and with --follow those to come.

import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { Fields } from "../../observability/event.ts";
import type { ManagementClient } from "../../runtime/client.ts";
import type { Context } from "../context.ts";
import { addServiceOptions, flagsOf, outputOf, wholeNumberFrom } from "../options.ts";
import { runningClient, serviceDeps, valueOf } from "../service_deps.ts";
import { idOf, rowsBehind, TraceLines } from "../trace_lines.ts";

const DEFAULT_LIMIT = 200;
const DEFAULT_INTERVAL_S = 1;
const MIN_INTERVAL_S = 0.1;

export function declareTrace(command: Command, { world }: Context): void {
  addServiceOptions(command.description("Show the newest request attempts, oldest first."))
    .option("-n, --limit <number>", "At most this many.", wholeNumberFrom(1), DEFAULT_LIMIT)
    .option("-f, --follow", "Go on with new ones, until Ctrl-C.")
    .option("--interval <seconds>", "How often --follow asks for new ones.", intervalFrom, DEFAULT_INTERVAL_S)
    .option("--json", "One JSON object a line.")
    .action(async ({ limit, follow, interval, json }, command) => {
      const output = outputOf(command, world);
      const client = await runningClient(await serviceDeps(world, flagsOf(command)));
      const lines = new TraceLines(output.palette);
      const show = (rows: readonly Fields[]) => output.answer(json ? jsonLines(rows) : lines.render(rows));

      const { events } = valueOf(await client.trace({ limit }));
      if (events.length === 0) output.say("no requests yet");
      show(events);
      if (!follow) return;
      const tick = () => world.clock.sleep(interval * 1000);
      const say = (line: string) => output.say(line);
      for await (const rows of newerRows(client, { last: events.at(-1), limit, tick, say })) show(rows);
    });
}

interface FollowOptions {
  /** The newest attempt that has been shown. */
  readonly last: Fields | undefined;
  readonly limit: number;
  /** Resolves when it is time to ask. */
  readonly tick: () => Promise<void>;
  readonly say: (line: string) => void;
}

async function* newerRows(
  client: ManagementClient,
  { last: shown, limit, tick, say }: FollowOptions,
): AsyncGenerator<readonly Fields[]> {
  let last = shown;
  let isSilent = false;
  for (;;) {
    await tick();
    const result = await client.trace(last ? { after: idOf(last) - 1 } : { limit });
    // A proxy that is started anew keeps its address, so it is worth waiting for.
    if (result.kind === "unreachable") {
      if (!isSilent) say(`the proxy does not answer: ${result.reason}; waiting for it`);
      isSilent = true;
      continue;
    }
    isSilent = false;
    const { events } = valueOf(result);
    const rows = last ? rowsBehind(last, events) : events;
    yield rows ?? [];
    last = rows ? rows.at(-1) ?? last : undefined;
  }
}

function jsonLines(rows: readonly Fields[]): string {
  return rows.map((row) => JSON.stringify(row) + "\n").join("");
}

function intervalFrom(text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) >= MIN_INTERVAL_S) return Number(text);
  throw new InvalidArgumentError(`Allowed is a number of seconds from ${MIN_INTERVAL_S}.`);
}
