/**
 * Which settings of the running proxy differ from those that a start would use now: the user changed one since.
 * @module
 */

import { describeSettings, type ResolvedSettings } from "../../config/settings.ts";
import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";

// The first start chooses these; they are compared as the proxy reports them.
const NOT_COMPARED = new Set(["port", "management_key"]);

/** One line for each setting that would have another value if the proxy were started now. */
export function settingDifferences(debug: Received<Debug>, resolved: ResolvedSettings): readonly string[] {
  const port = resolved.settings.port;
  const differences = Object.entries(describeSettings(resolved)).flatMap(([name, { value, source }]) => {
    const running = debug.settings[name];
    if (NOT_COMPARED.has(name) || running === undefined || running.value === value) return [];
    return [`${name} is ${running.value} there and ${value} here (${source.replace("_", " ")})`];
  });
  const isMoved = port !== 0 && port !== debug.port;
  return isMoved ? [...differences, `port is ${debug.port} there and ${port} here`] : differences;
}
