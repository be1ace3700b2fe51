/**
 * `cdx2 pool`: who shares the pool of the running proxy, and how that is going.
 * @module
 */

import { Argument } from "@commander-js/extra-typings";
import type { ManagementClient } from "../../api/client.ts";
import type { Received } from "../../api/received.ts";
import type { Shared } from "../../api/shared.ts";
import { serviceStatus } from "../../runtime/status.ts";
import { counted, durationText } from "../../values/durations.ts";
import { printable } from "../../screen/cells.ts";
import { Columns } from "../../screen/table.ts";
import { randomKey } from "../../system/random.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { refuseWithGateway } from "../gateway/gateway.ts";
import { runningKeyFile } from "../running_key.ts";
import { type CommandDeps, runningClient, serviceDeps, unwrap } from "../service.ts";
import { memberText, sharedLoginLines, sharedText } from "../shared_text.ts";
import { homeLine } from "./home.ts";
import type { Pool } from "./page.ts";

const SECRET_BYTES = 32;
// Within a network trip or two, a difference says nothing.
const NOTEWORTHY_CLOCK_MS = 1000;

/** The command `cdx2 pool`. */
export const poolCommand = defineCommand({
  ...listed("pool"),
  details:
    "Give the secret to all members in CLIPROXY_SHARED_SECRET, and to nobody else: it makes a member. A login is renewed by " +
    "one member, its home. It is moved with `cdx2 pool home` on the machine that is to be the next one.",
  examples: [
    ["see who shares the pool", "cdx2 pool"],
    ["make the secret of a pool", "cdx2 pool secret"],
    ["renew a login on this machine from now on", "cdx2 pool home work"],
    ["watch the engine in a script", "cdx2 pool --json | jq -r .shared.state"],
  ],
  syntax: (command) =>
    command
      .addArgument(
        new Argument("[what]", "Print a new secret, or be the home of a login.").choices(
          ["secret", "home"] as const,
        ),
      )
      .argument("[key-name]", KEY_NAME_HELP)
      .option("--force", "Also when the home of the login is off, and will not come back.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [what, name], options: { force = false, json } }) => {
    if (what === "secret") {
      output.printLines([randomKey(SECRET_BYTES)]);
      return 0;
    }
    if (what === "home") {
      if (name === undefined) {
        throw new UserError("Missing required argument 'key-name'", {
          hint: 'as in "cdx2 pool home KEY"',
          exitCode: 2,
        });
      }
      const deps = await serviceDeps(world, flags);
      refuseWithGateway(deps.resolved, "No login is renewed on this machine");
      const client = await runningClient(deps);
      const file = await runningKeyFile(client, name, "Cannot find the key: ");
      const move = unwrap(await client.moveHome(file, force));
      if (json) output.printJson(move);
      else output.printLines([homeLine(move)]);
      return move.outcome === "moved" || move.outcome === "is_home" ? 0 : 1;
    }
    const { shared, who, client } = await sharedBy(await serviceDeps(world, flags));
    if (json) output.printJson({ shared } satisfies Received<Pool>);
    else if (shared) {
      const lines = poolLines(shared, world.clock.nowMs(), who);
      output.printLines([...lines, ...await usedToday(shared, client)]);
    } else {
      const asked = who === "here" ? "this proxy" : who;
      output.info(`${asked} shares no pool; CLIPROXY_SHARED names the server of one`);
    }
    return 0;
  },
});

interface Answer {
  readonly shared: Received<Shared> | null;
  readonly who: Asked;
  /** For further questions. */
  readonly client: () => Promise<ManagementClient>;
}

/** What the proxy of this machine says, or the gateway. @throws UserError when it cannot be asked */
async function sharedBy(deps: CommandDeps): Promise<Answer> {
  if (deps.gateway !== undefined) {
    const { answeringManagement } = await import("../gateway/ask.ts");
    const { debug, client } = await answeringManagement(deps.gateway);
    return { shared: debug.shared, who: "the gateway", client: () => Promise.resolve(client) };
  }
  const { healthy, reason, shared } = await serviceStatus(deps);
  if (!healthy) {
    throw new UserError(`The proxy cannot be asked: ${reason}`, { hint: 'start it with "cdx2 proxy"' });
  }
  return { shared, who: "here", client: () => runningClient(deps) };
}

/** What all members have used; nothing when they cannot tell. */
async function usedToday(
  { state }: Received<Shared>,
  client: Answer["client"],
): Promise<readonly string[]> {
  if (state !== "up") return [];
  const usage = await (await client()).poolUsage({ days: 1, by: "key" });
  if (usage.kind !== "answer") return [];
  const { requests = 0, input_tokens = 0, output_tokens = 0 } = usage.value.total;
  const tokens = counted(input_tokens + output_tokens, "token");
  return ["", `used today: ${counted(requests, "request")}, ${tokens}; "cdx2 usage --pool" tells more`];
}

/** Whose page it is. */
type Asked = "here" | "the gateway";

/** The state, then the members, then who found what. */
export function poolLines(
  shared: Received<Shared>,
  nowMs: number,
  who: Asked = "here",
): readonly string[] {
  const { namespace, member, members, pending, conflicts, unreadable, found_by } = shared;
  const ago = (time: string) => durationText(Math.max(0, nowMs - Date.parse(time)));
  const rows = members.map(({ name, version, started_at, seen_at, keys, clock_off_ms }) => [
    name === member ? `${memberText(name)} (${who})` : memberText(name),
    memberText(version),
    String(keys),
    ago(started_at),
    `${ago(seen_at)} ago`,
    Math.abs(clock_off_ms) < NOTEWORTHY_CLOCK_MS
      ? "ok"
      : `${durationText(Math.abs(clock_off_ms))} ${clock_off_ms > 0 ? "slow" : "fast"}`,
  ]);
  const logins = sharedLoginLines(shared, nowMs);
  const found = found_by.map(({ file, member: finder }) =>
    `${printable(file)}: found by ${memberText(finder)}`
  );
  return [
    `${sharedText(shared)}; namespace ${namespace}`,
    `${counted(pending, "change")} to tell, ${counted(conflicts, "conflict")}`,
    ...(unreadable === 0 ? [] : [`${counted(unreadable, "record")} of members with another secret`]),
    "",
    ...new Columns().align([["MEMBER", "VERSION", "KEYS", "UP", "SEEN", "CLOCK"], ...rows]),
    ...(logins.length === 0 ? [] : ["", ...logins]),
    ...(found.length === 0 ? [] : ["", ...found]),
  ];
}
