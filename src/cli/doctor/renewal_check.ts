/**
 * Whether every key is renewed in time, as `doctor` says it.
 * @module
 */

import type { RenewalStanding } from "../../credentials/renewal_standing.ts";
import { counted } from "../../values/durations.ts";
import { warningText } from "../renewals.ts";
import { memberText } from "../shared_text.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./page.ts";

/** Who renews the keys, or which of them need the user; `undefined` when there are none. */
export function checkRenewal({ renewals, nowMs }: Pick<Facts, "renewals" | "nowMs">): Finding | undefined {
  if (renewals.length === 0) return undefined;
  const warned = renewals.filter(({ warning }) => warning !== undefined);
  if (warned.length === 0) return { status: "ok", message: renewersText(renewals), hint: null };
  const fixes = warned.flatMap(({ fix }) => fix === undefined ? [] : [`"${fix}"`]);
  return {
    status: "warn",
    message: [...warned.map((standing) => warningText(standing, nowMs)), renewersText(renewals)].join("; "),
    hint: fixes.length > 0 ? `run ${fixes.join(", ")}` : "it is tried again by itself",
  };
}

function renewersText(renewals: readonly RenewalStanding[]): string {
  const ours = renewals.filter(({ by }) => by === "cdx2").length;
  const ofCodex = renewals.filter(({ by }) => by === "codex").map(({ file }) => file);
  const homes = Map.groupBy(renewals.filter(({ by }) => by === "member"), ({ home }) => home);
  const ofMembers = Array.from(
    homes,
    ([home, keys]) =>
      `${memberText(home ?? "another member")} renews ${keys.map(({ file }) => file).join(", ")}`,
  );
  const reasons = Map.groupBy(renewals.filter(({ by }) => by === undefined), ({ reason }) => reason);
  const others = Array.from(reasons, ([reason, keys]) => {
    const files = keys.map(({ file }) => file).join(", ");
    return `${files} (${keys.length > 1 ? "each: " : ""}${reason})`;
  });
  return [
    `cdx2 renews ${ours} of ${counted(renewals.length, "key")}`,
    ...(ofCodex.length > 0 ? [`Codex renews ${ofCodex.join(", ")}`] : []),
    ...ofMembers,
    ...(others.length > 0 ? [`nobody renews ${others.join(", ")}`] : []),
  ].join("; ");
}
