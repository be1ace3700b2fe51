/**
 * From texts to settings: every one of them, with its source, and what they have to say to each other.
 * @module
 */

import { isLoopbackHost } from "./address.ts";
import {
  badValue,
  envFileOf,
  type Given,
  parsed,
  type Reading,
  readingOf,
  type SettingSource,
} from "./given.ts";
import { POLICY_KEYS, POLICY_SETTINGS } from "./policy.ts";
import type { Setting } from "./setting.ts";
import type { ShownValue } from "./setting_kinds.ts";
import { SETTING_KEYS, SETTINGS, type Settings } from "./settings_table.ts";

export { FLAGS_VARIABLE, type Given, locate, type SettingSource } from "./given.ts";
export type { Settings } from "./settings_table.ts";

/** Every setting with its value, and where that was found. */
export interface ResolvedSettings {
  /** The values as the program works with them. */
  readonly settings: Settings;
  /** Where each value was found. */
  readonly sources: Readonly<Record<keyof Settings, SettingSource>>;
}

type Readings = Readonly<Record<keyof Settings, Reading>>;

/**
 * Finds and parses every setting.
 * @throws {@link UserError} with exit code 2 when a value is not allowed. It names the setting, the value, where the
 * value came from and what is allowed; a secret only as `[REDACTED]`.
 */
export function resolveSettings(given: Given): ResolvedSettings {
  const envFile = envFileOf(given);
  const readings = perSetting((key) => readingOf(key, SETTINGS[key], { given, envFile }));
  const settings = perSetting((key) => parsed<unknown>(SETTINGS[key], readings[key], given)) as Settings;
  refuseExposedHost(settings, readings);
  refuseMaxBelowBase(settings, readings);
  refuseSharedWithoutSecret(settings, readings);
  return { settings, sources: perSetting((key) => readings[key].source) };
}

/**
 * Each setting by name for JSON outputs: its value in the unit that the user writes, with its source. A management key
 * is `[REDACTED]`.
 */
export function describeSettings(
  { settings, sources }: ResolvedSettings,
): Record<string, { value: ShownValue; source: SettingSource; unit?: "seconds" | "MiB" }> {
  const describe = <Key extends keyof Settings>(key: Key) => {
    const { name, unit, show }: Setting<Settings[Key]> = SETTINGS[key];
    return [name, { value: show(settings[key]), source: sources[key], ...(unit && { unit }) }] as const;
  };
  return Object.fromEntries(SETTING_KEYS.map((key) => describe(key)));
}

function refuseExposedHost({ host, allowNonLoopback }: Settings, readings: Readings): void {
  if (allowNonLoopback || isLoopbackHost(host)) return;
  const allowed = "an address that only this machine can reach, such as 127.0.0.1";
  const hint = 'pass --allow-non-loopback, and give each client a key with "cdx2 clients add NAME"';
  throw badValue(SETTINGS.host, readings.host, allowed, hint);
}

function refuseMaxBelowBase(settings: Settings, readings: Readings): void {
  for (const max of POLICY_KEYS) {
    const base = POLICY_SETTINGS[max].notBelow;
    if (base === undefined || settings[max] >= settings[base]) continue;
    const { text, from } = readings[base];
    throw badValue(SETTINGS[max], readings[max], `at least ${SETTINGS[base].name}, ${text} (from ${from})`);
  }
}

function refuseSharedWithoutSecret({ shared, sharedSecret }: Settings, readings: Readings): void {
  if (!shared || sharedSecret) return;
  const hint = 'make one with "cdx2 pool secret", and give it to all members in CLIPROXY_SHARED_SECRET';
  throw badValue(SETTINGS.shared, readings.shared, "only together with shared_secret", hint);
}

function perSetting<T>(make: (key: keyof Settings) => T): Record<keyof Settings, T> {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, make(key)])) as Record<keyof Settings, T>;
}
