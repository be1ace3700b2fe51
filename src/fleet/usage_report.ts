/**
 * Adds up what the members of a shared pool have told that they used. Pure.
 * @module
 */

import type { PoolUsage, PoolUsageGroup } from "../api/pool_usage.ts";
import type { UsageOfDay } from "./shared_usage.ts";
import { distinctNames } from "../values/member_name.ts";
import { addUse, type KeyUse, NO_USE, type SheetRow } from "./usage_sheets.ts";

/** The report of these days, of which there is at least one. `fileOf` names a key as this member does. */
export function poolUsageReport(
  days: readonly UsageOfDay[],
  by: PoolUsageGroup,
  fileOf: (owner: string) => string | undefined,
): PoolUsage {
  const uses = days.flatMap(({ day, sheets }) =>
    sheets.flatMap(({ member, rows }) => rows.map((row) => ({ day, member, row })))
  );
  // Members may call the same key differently.
  const labels = new Map(uses.map(({ row }) => [row.owner, row.label]));
  const keyName = ({ owner }: SheetRow) => fileOf(owner) ?? labels.get(owner)!;
  const memberNameOf = distinctNames(uses.map(({ member }) => member));
  const nameOf = ({ day, member, row }: typeof uses[number]) =>
    by === "day" ? day : by === "member" ? memberNameOf(member) : keyName(row);
  const groups = Map.groupBy(uses, nameOf);
  const rows = [...groups].map(([name, group]) => ({ name, ...figures(group.map(({ row }) => row)) }));
  const tokens = (row: typeof rows[number]) => row.input_tokens + row.output_tokens;
  const byName = (a: typeof rows[number], b: typeof rows[number]) => a.name < b.name ? -1 : 1;
  return {
    ok: true,
    by,
    from_day: days[0]!.day,
    to_day: days.at(-1)!.day,
    members: new Set(uses.map(({ member }) => memberNameOf(member))).size,
    total: figures(uses.map(({ row }) => row)),
    rows: rows.sort(by === "day" ? byName : (a, b) => tokens(b) - tokens(a) || byName(a, b)),
  };
}

function figures(uses: readonly KeyUse[]): PoolUsage["total"] {
  const { requests, input, cached, output } = uses.reduce(addUse, NO_USE);
  return { requests, input_tokens: input, cached_tokens: cached, output_tokens: output };
}
