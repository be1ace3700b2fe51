/**
 * `cdx2 pool`: who shares the pool of the running proxy, and how that is going.
 * @module
 */

import { Argument } from "@commander-js/extra-typings";
import type { Received } from "../../api/received.ts";
import type { Shared } from "../../api/shared.ts";
import { serviceStatus } from "../../runtime/status.ts";
import { counted, durationText } from "../../values/durations.ts";
import { Columns } from "../../screen/table.ts";
import { randomKey } from "../../system/random.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { serviceDeps } from "../service.ts";
import { sharedText } from "../shared_text.ts";
import type { Pool } from "./page.ts";

const SECRET_BYTES = 32;
// Within a network trip or two, a difference says nothing.
const NOTEWORTHY_CLOCK_MS = 1000;

/** The command `cdx2 pool`. */
export const poolCommand = defineCommand({
  name: "pool",
  group: "Proxy:",
  summary: "Show who shares this proxy's pool of keys, or make the secret of one.",
  details: "Give the secret to all members in CLIPROXY_SHARED_SECRET, and to nobody else: it makes a member.",
  examples: [
    ["see who shares the pool", "cdx2 pool"],
    ["make the secret of a pool", "cdx2 pool secret"],
    ["watch the engine in a script", "cdx2 pool --json | jq -r .shared.state"],
  ],
  syntax: (command) =>
    command
      .addArgument(new Argument("[what]", "Print a new secret.").choices(["secret"] as const))
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [what], options: { json } }) => {
    if (what === "secret") {
      output.printLines([randomKey(SECRET_BYTES)]);
      return 0;
    }
    const { healthy, reason, shared } = await serviceStatus(await serviceDeps(world, flags));
    if (!healthy) {
      throw new UserError(`The proxy cannot be asked: ${reason}`, { hint: 'start it with "cdx2 proxy"' });
    }
    if (json) output.printJson({ shared } satisfies Received<Pool>);
    else if (shared) output.printLines(poolLines(shared, world.clock.nowMs()));
    else output.info("this proxy shares no pool; CLIPROXY_SHARED names the server of one");
    return 0;
  },
});

/** The state, then the members, then who found what. */
export function poolLines(shared: Received<Shared>, nowMs: number): readonly string[] {
  const { namespace, member, members, pending, conflicts, unreadable, found_by } = shared;
  const ago = (time: string) => durationText(Math.max(0, nowMs - Date.parse(time)));
  const rows = members.map(({ name, version, started_at, seen_at, keys, clock_off_ms }) => [
    name === member ? `${name} (here)` : name,
    version,
    String(keys),
    ago(started_at),
    `${ago(seen_at)} ago`,
    Math.abs(clock_off_ms) < NOTEWORTHY_CLOCK_MS
      ? "ok"
      : `${durationText(Math.abs(clock_off_ms))} ${clock_off_ms > 0 ? "slow" : "fast"}`,
  ]);
  const found = found_by.map(({ file, member: finder }) => `${file}: found by ${finder}`);
  return [
    `${sharedText(shared)}; namespace ${namespace}`,
    `${counted(pending, "change")} to tell, ${counted(conflicts, "conflict")}`,
    ...(unreadable === 0 ? [] : [`${counted(unreadable, "record")} of members with another secret`]),
    "",
    ...new Columns().align([["MEMBER", "VERSION", "KEYS", "UP", "SEEN", "CLOCK"], ...rows]),
    ...(found.length === 0 ? [] : ["", ...found]),
  ];
}
