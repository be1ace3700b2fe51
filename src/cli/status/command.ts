/**
 * `cdx2 status`: whether the proxy is running, where, and with which settings.
 * @module
 */

import type { Received } from "../../api/received.ts";
import { serviceStatus } from "../../runtime/status.ts";
import type { Status } from "../../runtime/status_page.ts";
import { cellsOf, printable } from "../../screen/cells.ts";
import { fact, wrapped } from "../../screen/line.ts";
import { counted, durationText } from "../../values/durations.ts";
import { Columns } from "../../screen/table.ts";
import { highest } from "../../values/extremes.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { serviceDeps } from "../service.ts";
import { homesText, sharedText } from "../shared_text.ts";

/** The command `cdx2 status`. */
export const statusCommand = defineCommand({
  ...listed("status"),
  details: "Exit code 1: it is not running, or not healthy.",
  examples: [
    ["check the proxy", "cdx2 status"],
    ["start it unless it is running", "cdx2 status --quiet >/dev/null || cdx2 proxy"],
    ["see every setting, and where its value comes from", "cdx2 status --settings"],
    ["read one value in a script", "cdx2 status --json | jq -r .base_url"],
  ],
  syntax: (command) =>
    command
      .option("--settings", "Also print the settings that have their default value.")
      .option("--json", "Print everything as JSON, with each setting and where its value comes from."),
  run: async ({ world, output, flags, options: { json, settings: showsAll = false } }) => {
    const deps = await serviceDeps(world, flags);
    const status = deps.gateway === undefined
      ? await serviceStatus(deps)
      : await (await import("./gateway.ts")).gatewayStatus(deps.gateway, deps.resolved);
    if (json) output.printJson(status);
    else {
      const width = world.terminal.outSize?.columns ?? Infinity;
      output.print(statusText(status, width) + settingsText(status.settings, { showsAll, width }));
    }
    return status.healthy ? 0 : 1;
  },
});

const SOURCES: Readonly<Record<string, string>> = { env_file: ".env" };

/**
 * The settings with their sources, one per line after a blank one; without `showsAll` those that are not defaults. Where
 * a line would be wider than `width`, the source is beside the value.
 */
export function settingsText(
  settings: Received<Status>["settings"],
  { showsAll, width = Infinity }: { readonly showsAll: boolean; readonly width?: number },
): string {
  const shown = Object.entries(settings).filter(([, { source }]) => showsAll || source !== "default");
  if (shown.length === 0) return "";
  const rows = shown.map(([name, { value, unit, source }]) =>
    [
      name,
      printable(
        value === null || value === "" ? "-" : unit === undefined ? String(value) : `${value} ${unit}`,
      ),
      SOURCES[source] ?? source,
    ] as const
  );
  const title = showsAll ? "settings" : "settings that are not defaults (--settings shows all)";
  const lines = new Columns().align(rows.map(([name, ...more]) => [`  ${name}`, ...more]));
  const nameColumns = highest(rows.map(([name]) => name.length));
  const isTooWide = lines.some((line) => cellsOf(line) > width);
  const narrow = () =>
    rows.flatMap(([name, value, source]) =>
      wrapped(fact(name, `${value} (${source})`, { nameColumns }), width)
    );
  const titleLines = wrapped({ text: title, indent: 0 }, width).join("\n");
  return `\n${titleLines}\n${(isTooWide ? narrow() : lines).join("\n")}\n`;
}

/** One fact per line, for the user; broken between words where it would be wider than `width`. */
export function statusText(status: Received<Status>, width = Infinity): string {
  const { pid, base_url, auth_count, running_requests, uptime_seconds, reason, hint } = status;
  const facts = [
    ["state", reason === null ? status.state : `${status.state}: ${reason}`],
    ["healthy", status.healthy ? "yes" : "no"],
    ["hint", hint],
    ["pid", pid],
    ["url", base_url],
    ["client", clientText(status)],
    ["keys", auth_count],
    [
      "running",
      running_requests === null ? null : counted(running_requests, "request"),
    ],
    ["websockets", status.websockets || null],
    ["shared", status.shared ? sharedText(status.shared) : null],
    ["homes", status.shared ? homesText(status.shared) : null],
    ["uptime", uptime_seconds === null ? null : durationText(uptime_seconds * 1000)],
    ["restarts", restartsText(status)],
    ["version", status.version],
    ["upstream", status.upstream_base_url],
    ["auth dir", status.auth_dir],
    ["log", status.log_file],
    ["events", status.events_file],
    ["management", status.gateway?.management ?? null],
  ] as const;
  const known = facts.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, String(value)] as const]
  );
  const indent = highest(known.map(([name]) => name.length)) + 2;
  return known.flatMap(([name, value]) => wrapped({ text: name.padEnd(indent) + value, indent }, width))
    .join("\n") + "\n";
}

/** Who this is to the gateway, which asks for no key when it names nobody; nothing when it was not told. */
function clientText({ gateway, state }: Received<Status>): string | null {
  return gateway ? gateway.client ?? (state === "running" ? "anybody" : null) : null;
}

/** Nothing for a proxy whose worker never crashed, as usual. */
function restartsText({ restarts, last_restart }: Received<Status>): string | null {
  return last_restart === null ? null : `${restarts}, the last at ${last_restart.at}: ${last_restart.reason}`;
}
