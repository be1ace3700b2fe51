/**
 * `cdx2 usage --pool`: what all members of the shared pool have used, as the running proxy or the gateway knows it.
 * @module
 */

import { POOL_USAGE_GROUPS, type PoolUsage } from "../../api/pool_usage.ts";
import type { Given } from "../../config/settings.ts";
import type { Output } from "../../screen/output.ts";
import { printable, shortened } from "../../screen/cells.ts";
import { Columns } from "../../screen/table.ts";
import { counted, countText, groupedDigits } from "../../values/durations.ts";
import { UserError } from "../../values/user_error.ts";
import { runningClient, serviceDeps } from "../service.ts";
import type { World } from "../world.ts";

/** What the user asked for. */
export interface PoolUsageWish {
  /** Today included. */
  readonly days: number;
  /** What the rows are about. */
  readonly by: string;
  /** Print JSON. */
  readonly json: true | undefined;
}

const MAX_NAME_CELLS = 60;

interface Place {
  readonly world: World;
  readonly output: Output;
  readonly flags: Given["flags"];
}

/** Prints it. Resolves with the exit code. @throws UserError when it cannot be asked */
export async function printPoolUsage(
  { world, output, flags }: Place,
  { days, by, json }: PoolUsageWish,
): Promise<number> {
  if (!POOL_USAGE_GROUPS.some((group) => group === by)) {
    throw new UserError(`Members of a shared pool do not tell what they used by ${by}`, {
      hint: `--by takes ${POOL_USAGE_GROUPS.join(", ")} with --pool`,
      exitCode: 2,
    });
  }
  const client = await runningClient(await serviceDeps(world, flags));
  const result = await client.poolUsage({ days, by });
  if (result.kind !== "answer") {
    const reason = result.kind === "unauthorized" ? "it has another management key" : result.reason;
    throw new UserError(`What the members of the pool used cannot be told: ${reason}`, {
      hint: 'see how the pool is doing with "cdx2 pool"',
    });
  }
  const usage = result.value as PoolUsage;
  if (json) output.printJson(usage);
  else output.printLines(poolUsageLines(usage));
  return 0;
}

/** A heading, and a table with a total. */
export function poolUsageLines({ by, from_day, to_day, members, total, rows }: PoolUsage): readonly string[] {
  const when = from_day === to_day ? `of ${to_day}` : `from ${from_day} to ${to_day}`;
  const heading = `Usage of ${counted(members, "member")} of the pool ${when}`;
  if (rows.length === 0) return [`${heading}: none`];
  const line = (
    { name, requests, input_tokens, cached_tokens, output_tokens }: PoolUsage["rows"][number],
  ) => [
    shortened(printable(name), MAX_NAME_CELLS),
    countText(input_tokens + output_tokens),
    countText(cached_tokens),
    countText(output_tokens),
    groupedDigits(requests),
  ];
  const table = [
    [by.toUpperCase(), "TOKENS", "CACHED", "OUTPUT", "REQUESTS"],
    ...rows.map(line),
    ...(rows.length > 1 ? [line({ name: "total", ...total })] : []),
  ];
  return [heading, "", ...new Columns().align(table)];
}
