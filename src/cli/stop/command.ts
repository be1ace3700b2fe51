/**
 * `cdx2 stop`: stops the running proxy. It never ends a process that is not ours.
 * @module
 */

import { type Stopped, stopService } from "../../runtime/service.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { refuseWithGateway } from "../gateway/gateway.ts";
import { serviceDeps } from "../service.ts";
import { autostartOf, isInstalled } from "../service_command/managed.ts";
import type { Stop } from "./page.ts";

/** The command `cdx2 stop`. */
export const stopCommand = defineCommand({
  ...listed("stop"),
  details: "Running responses may finish first, for up to CLIPROXY_DRAIN_SECONDS.",
  examples: [
    ["stop it", "cdx2 stop"],
    ["restart it with other settings", "cdx2 stop && cdx2 proxy --port 8317"],
  ],
  syntax: (command) => command.option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const deps = await serviceDeps(world, flags);
    refuseWithGateway(deps.resolved, "There is no proxy to stop here");
    const stopped = await stopService(deps, (text) => output.info(text));
    output.info(stoppedLine(stopped));
    const service = autostartOf(world, deps.resolved);
    if (service && await isInstalled(world, service)) {
      output.note(`${service.manager} starts it again at the next login; "cdx2 service uninstall" ends that`);
    }
    if (json) output.printJson(stoppedView(stopped));
    return 0;
  },
});

/** One line for the user. */
export function stoppedLine(stopped: Stopped): string {
  switch (stopped.how) {
    case "stopped":
      return `stopped the proxy (pid ${stopped.pid})`;
    case "killed":
      return `killed the proxy (pid ${stopped.pid}), which did not stop by itself`;
    case "not_running":
      return `nothing to stop: ${stopped.reason}`;
  }
}

function stoppedView(stopped: Stopped): Stop {
  return stopped.how === "not_running"
    ? { stopped: false, how: stopped.how, pid: null, reason: stopped.reason }
    : { stopped: true, how: stopped.how, pid: stopped.pid, reason: null };
}
