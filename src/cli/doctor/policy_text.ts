/**
 * The rules of rotation in words, with the numbers that are in force.
 * @module
 */

import type { Fields } from "../../values/json.ts";
import { durationText } from "../../screen/durations.ts";
import { fact, type Line } from "../../screen/line.ts";

/** `policy` holds the settings as `status --json` shows them; of an older proxy some may be missing. */
export function policyLines(policy: Fields): readonly Line[] {
  if (Object.keys(policy).length === 0) return [];
  const changed = Object.keys(policy).filter((name) => settingOf(policy, name)["source"] !== "default");
  return [
    ...rulesOf(policy).map(([name, ...sentences]) => fact(name, sentences.join("; "))),
    ...(changed.length > 0
      ? [fact("changed", changed.map((name) => sourceText(policy, name)).join(", "))]
      : []),
  ];
}

function rulesOf(policy: Fields): readonly (readonly [name: string, ...sentences: string[]])[] {
  const value = (name: string) => settingOf(policy, name)["value"] ?? "?";
  const time = (name: string) => secondsText(value(name));
  return [
    [
      "rotation",
      value("rotation") === "request" ? "each request takes the next key" : "a session stays on its key",
    ],
    ["hold", `a request waits up to ${time("hold_seconds")} when no key is free`],
    [
      "cooldown",
      `${time("cooldown_seconds")} after a 429 that names no time, doubled up to ${
        time("cooldown_max_seconds")
      }`,
      `${value("strikes_to_eject")} of them in a row eject`,
    ],
    [
      "ejection",
      `${time("blacklist_seconds")} after a 401 or 403, doubled up to ${time("blacklist_max_seconds")}`,
      `at most ${value("max_ejected_percent")}% of the keys for a 403`,
    ],
    [
      "probation",
      `a trial every ${time("trial_seconds")}`,
      `${value("trial_successes")} successes in a row end it`,
    ],
    ["reserve", `a key is used until ${value("limit_min_remaining_percent")}% of a window is left`],
  ];
}

function sourceText(policy: Fields, name: string): string {
  return `${name} (${String(settingOf(policy, name)["source"]).replace("_", " ")})`;
}

function settingOf(policy: Fields, name: string): Fields {
  const setting = policy[name];
  return typeof setting === "object" && setting !== null ? setting as Fields : {};
}

function secondsText(seconds: unknown): string {
  if (typeof seconds !== "number") return "?";
  return seconds < 1 ? `${seconds}s` : durationText(seconds * 1000);
}
