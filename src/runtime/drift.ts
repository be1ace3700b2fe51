/**
 * Which settings of the running proxy differ from those that a start would use now: the user changed one since, or asks for
 * another one.
 * @module
 */

import { describeSettings, type ResolvedSettings } from "../config/settings.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";

// The port is compared as the proxy reports it, since the first start chooses one; the key by asking the proxy.
const NOT_COMPARED = new Set(["port", "management_key"]);

/** A setting, or the version, that would be another one if the proxy were started now. */
export interface Drift {
  readonly name: string;
  /** Its values, as the user would write them. */
  readonly running: string;
  readonly wanted: string;
  /** Where the value that is wanted comes from. `program`: it is this program's own, such as its version. */
  readonly source: "flag" | "environment" | "env_file" | "default" | "program";
}

/** In the order of the settings. */
export function settingDrift(debug: Received<Debug>, resolved: ResolvedSettings): readonly Drift[] {
  const { settings: { port }, sources } = resolved;
  return Object.entries(describeSettings(resolved)).flatMap(([name, { value, source }]): readonly Drift[] => {
    if (name === "port" && port !== 0 && port !== debug.port) {
      return [{ name, running: String(debug.port), wanted: String(port), source: sources.port }];
    }
    const running = debug.settings[name];
    if (NOT_COMPARED.has(name) || running === undefined || running.value === value) return [];
    return [{ name, running: shown(running.value), wanted: shown(value), source }];
  });
}

function shown(value: string | number | boolean | null): string {
  return value === null || value === "" ? "none" : String(value);
}

/** One line about a running proxy that is used although it differs; none when it does not. */
export function driftNotes(drifts: readonly Drift[]): readonly string[] {
  if (drifts.length === 0) return [];
  const differences = drifts.map(({ name, running, wanted, source }) =>
    `${name} ${running}, not ${wanted}${source === "flag" ? "" : ` (${SOURCES[source]})`}`
  );
  return [`the running proxy has ${differences.join("; ")}; "cdx2 proxy --force" restarts it`];
}

const SOURCES = {
  environment: "environment",
  env_file: ".env",
  default: "default",
  program: "this program",
} as const;
