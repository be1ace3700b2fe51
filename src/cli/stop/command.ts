/**
 * `cdx2 stop`: ends the running proxy, and only that.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import { type Stopped, stopService } from "../../runtime/service.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { addServiceOptions, flagsOf, outputOf } from "../options.ts";
import { serviceDeps } from "../service.ts";

export function declareStop(command: Command, { world }: Context): void {
  addExamples(
    command,
    ["stop it; streams get time to end", "cdx2 stop"],
    ["stop it and start it with other settings", "cdx2 stop && cdx2 proxy --port 8317"],
  );
  addServiceOptions(command.description("Stop the proxy. Running answers get time to end."))
    .option("--json", "Answer with JSON.")
    .action(async ({ json }, command) => {
      const output = outputOf(command, world);
      const stopped = await stopService(await serviceDeps(world, flagsOf(command)));
      output.say(stoppedLine(stopped));
      if (json) output.answerJson(stoppedView(stopped));
    });
}

/** One line, for a person. */
export function stoppedLine({ how, pid, reason }: Stopped): string {
  switch (how) {
    case "stopped":
      return `stopped the proxy (pid ${pid})`;
    case "killed":
      return `killed the proxy (pid ${pid}), which did not end by itself`;
    case "not_running":
      return `nothing to stop: ${reason}`;
  }
}

function stoppedView({ how, pid, reason }: Stopped) {
  return { stopped: how !== "not_running", how, pid: pid ?? null, reason: reason ?? null };
}
