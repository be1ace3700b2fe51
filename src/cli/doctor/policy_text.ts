/**
 * The rotation policy as `doctor` prints it: a line for each topic, made of the clauses that the policy's settings have
 * in their rows.
 * @module
 */

import type { Received } from "../../api/received.ts";
import type { Setting, Settings } from "../../api/setting.ts";
import { POLICY_SETTINGS } from "../../config/policy.ts";
import type { Kind } from "../../config/setting_kinds.ts";
import { latencyText } from "../../values/durations.ts";
import { fact, type Line } from "../../screen/line.ts";

/** `policy` holds the settings as `status --json` shows them; those that an older proxy does not know are missing. */
export function policyLines(policy: Received<Settings>): readonly Line[] {
  if (Object.keys(policy).length === 0) return [];
  const changed = Object.entries(policy).filter(([, { source }]) => source !== "default");
  return [
    ...Array.from(topicsOf(policy), ([topic, clauses]) => policyFact(topic, clauses.join("; "))),
    ...(changed.length > 0 ? [policyFact("changed", changed.map(sourceText).join(", "))] : []),
  ];
}

function policyFact(name: string, text: string): Line {
  return fact(name, text, { nameColumns: "blacklisted".length });
}

/** Each topic with its clauses, in the order of the settings. */
function topicsOf(policy: Received<Settings>): ReadonlyMap<string, readonly string[]> {
  const topics = new Map<string, string[]>();
  for (const { name, topic, unit, clause } of Object.values(POLICY_SETTINGS)) {
    const text = clause(valueText(policy[name]?.value, unit));
    topics.set(topic, [...topics.get(topic) ?? [], text]);
  }
  return topics;
}

function sourceText([name, { source }]: [string, Received<Setting>]): string {
  return `${name} (${source.replace("_", " ")})`;
}

function valueText(value: unknown, unit: Kind<unknown>["unit"]): string {
  if (value === undefined || value === null) return "?";
  if (unit !== "seconds") return String(value);
  if (typeof value !== "number") return "?";
  return latencyText(value * 1000);
}
