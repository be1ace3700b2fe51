/**
 * `cdx2 status`: is the proxy running, where, and how is it set up.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import prettyMs from "pretty-ms";
import { serviceStatus, type StatusView } from "../../runtime/status.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { addServiceOptions, flagsOf, outputOf } from "../options.ts";
import { Columns } from "../../screen/output.ts";
import { serviceDeps } from "../service.ts";

export function declareStatus(command: Command, { world, exit }: Context): void {
  addExamples(
    command,
    ["see how the proxy is", "cdx2 status"],
    ["start it unless it is running", "cdx2 status --quiet >/dev/null || cdx2 proxy"],
    ["read one fact in a script", "cdx2 status --json | jq -r .base_url"],
  );
  addServiceOptions(
    command.description("Say whether the proxy is running, and where. Exit code 1: it is not."),
  )
    .option("--json", "Answer with JSON: all of it, and each setting with where it came from.")
    .action(async ({ json }, command) => {
      const output = outputOf(command, world);
      const status = await serviceStatus(await serviceDeps(world, flagsOf(command)));
      if (json) output.answerJson(status);
      else output.answer(statusText(status));
      exit(status.healthy ? 0 : 1);
    });
}

/** One fact a line, for a person. */
export function statusText(status: StatusView): string {
  const { pid, base_url, auth_count, uptime_seconds, reason } = status;
  const facts = [
    ["state", reason === null ? status.state : `${status.state}: ${reason}`],
    ["healthy", status.healthy ? "yes" : "no"],
    ["pid", pid],
    ["url", base_url],
    ["keys", auth_count],
    ["uptime", uptime_seconds === null ? null : durationText(uptime_seconds)],
    ["version", status.version],
    ["upstream", status.upstream_base_url],
    ["auth dir", status.auth_dir],
    ["log", status.log_file],
    ["events", status.events_file],
  ] as const;
  const known = facts.flatMap(([name, value]) => value === null ? [] : [[name, String(value)]]);
  return new Columns().align(known).join("\n") + "\n";
}

function durationText(seconds: number): string {
  return seconds < 1 ? "0s" : prettyMs(seconds * 1000);
}
