/**
 * `cdx2 stop`: ends the running proxy, and only that.
 * @module
 */

import { type Stopped, stopService } from "../../runtime/service.ts";
import { defineCommand } from "../command.ts";
import { serviceDeps } from "../service.ts";

export const stopCommand = defineCommand({
  name: "stop",
  group: "The proxy:",
  summary: "Stop the proxy. Running answers get time to end.",
  examples: [
    ["stop it; streams get time to end", "cdx2 stop"],
    ["stop it and start it with other settings", "cdx2 stop && cdx2 proxy --port 8317"],
  ],
  syntax: (command) => command.option("--json", "Answer with JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const stopped = await stopService(await serviceDeps(world, flags));
    output.info(stoppedLine(stopped));
    if (json) output.printJson(stoppedView(stopped));
    return 0;
  },
});

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
