/**
 * From texts to settings. Each value is looked for in the flags, the environment, `.env` and the defaults, in this
 * order; error messages and `status --json` name the place where it was found. `.env` cannot say where the auth dir or
 * `.env` itself are: they have to be known before it can be read.
 * @module
 */

import { isLoopbackHost } from "./address.ts";
import { readEnvFile } from "./env_text.ts";
import { POLICY_KEYS, POLICY_SETTINGS } from "./policy.ts";
import type { Setting } from "./setting.ts";
import type { Place, ShownValue } from "./setting_kinds.ts";
import { AUTH_DIR_PLACEHOLDER, SETTING_KEYS, SETTINGS, type Settings } from "./settings_table.ts";
import { UserError } from "../values/user_error.ts";

export type { Settings } from "./settings_table.ts";

/** Where a value was found. `env_file` is `.env`. */
export type SettingSource = "flag" | "environment" | "env_file" | "default";

/** Where settings may come from. An empty text counts as unset, except in a flag. */
export interface Given extends Place {
  /** The texts of flags that were given. */
  readonly flags: Readonly<Partial<Record<keyof Settings, string | undefined>>>;
  /** The environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The text of `.env`; `undefined` or absent when there is no such file. */
  readonly envFileText?: string | undefined;
}

/** Every setting with its value, and where that was found. */
export interface ResolvedSettings {
  /** The values as the program works with them. */
  readonly settings: Settings;
  /** Where each value was found. */
  readonly sources: Readonly<Record<keyof Settings, SettingSource>>;
}

/** A setting's text before it is parsed, and where it was found. */
interface Reading {
  readonly text: string;
  readonly source: SettingSource;
  /** The place for error messages, such as `--port` or `CLIPROXY_PORT in /a/.env`. */
  readonly from: string;
}

type Readings = Readonly<Record<keyof Settings, Reading>>;

interface EnvFile {
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Finds and parses every setting.
 * @throws {@link UserError} with exit code 2 when a value is not allowed. It names the setting, the value, where the
 * value came from and what is allowed; a secret only as `[REDACTED]`.
 */
export function resolveSettings(given: Given): ResolvedSettings {
  const envFile = { path: locate(given).envFile, values: readEnvFile(given.envFileText ?? "") };
  const readings = perSetting((key) => read(key, given, envFile));
  const settings = perSetting((key): unknown => parsed(key, readings[key], given)) as Settings;
  refuseExposedHost(settings, readings);
  refuseMaxBelowBase(settings, readings);
  refuseSharedWithoutSecret(settings, readings);
  return { settings, sources: perSetting((key) => readings[key].source) };
}

/**
 * Where the auth dir and `.env` are, before `.env` can be read.
 * @throws {@link UserError} with exit code 2 when one of the two paths is not allowed
 */
export function locate(given: Omit<Given, "envFileText">): Pick<Settings, "authDir" | "envFile"> {
  return {
    authDir: parsed("authDir", read("authDir", given), given),
    envFile: parsed("envFile", read("envFile", given), given),
  };
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

/** A start hands its flags to the background process as variables; this one lists their names. */
export const FLAGS_VARIABLE = "CDX2_FLAGS";

const LOCATIONS: readonly (keyof Settings)[] = ["authDir", "envFile"];

function read(key: keyof Settings, given: Given, envFile?: EnvFile): Reading {
  const { flag = key, environment, default: defaultText } = SETTINGS[key];
  const flagText = given.flags[key];
  const environmentText = given.env[environment];
  const handedOn = given.env[FLAGS_VARIABLE]?.split(",");
  const isFlag = handedOn?.includes(environment);
  if (flagText !== undefined) {
    // The background process always gets its auth dir as an argument.
    const source = handedOn === undefined || isFlag ? "flag" : environmentText ? "environment" : "default";
    return { text: flagText, source, from: flag };
  }
  if (environmentText) {
    return { text: environmentText, source: isFlag ? "flag" : "environment", from: environment };
  }
  const fileText = LOCATIONS.includes(key) ? undefined : envFile?.values[environment];
  if (fileText) return { text: fileText, source: "env_file", from: `${environment} in ${envFile?.path}` };
  const text = defaultText.replace(AUTH_DIR_PLACEHOLDER, () => read("authDir", given).text);
  return { text, source: "default", from: "the default" };
}

function parsed<Key extends keyof Settings>(key: Key, reading: Reading, place: Place): Settings[Key] {
  const { parse, read, allowed }: Setting<Settings[Key]> = SETTINGS[key];
  if (reading.source === "default") return read(reading.text, place);
  const value = parse(reading.text, place);
  if (value === undefined) throw badValue(key, reading, allowed);
  return value;
}

function badValue(key: keyof Settings, { text, from }: Reading, allowed: string, hint?: string): UserError {
  const { name, echo } = SETTINGS[key];
  const value = JSON.stringify(echo(text));
  const message = `Bad ${name} ${value} (from ${from}): allowed is ${allowed}`;
  return new UserError(message, { exitCode: 2, hint });
}

function refuseExposedHost({ host, allowNonLoopback }: Settings, readings: Readings): void {
  if (allowNonLoopback || isLoopbackHost(host)) return;
  const allowed = "an address that only this machine can reach, such as 127.0.0.1";
  const hint = 'pass --allow-non-loopback, and give each client a key with "cdx2 clients add NAME"';
  throw badValue("host", readings.host, allowed, hint);
}

function refuseMaxBelowBase(settings: Settings, readings: Readings): void {
  for (const max of POLICY_KEYS) {
    const base = POLICY_SETTINGS[max].notBelow;
    if (base === undefined || settings[max] >= settings[base]) continue;
    const { text, from } = readings[base];
    throw badValue(max, readings[max], `at least ${SETTINGS[base].name}, ${text} (from ${from})`);
  }
}

function refuseSharedWithoutSecret({ shared, sharedSecret }: Settings, readings: Readings): void {
  if (!shared || sharedSecret) return;
  const hint = 'make one with "cdx2 pool secret", and give it to all members in CLIPROXY_SHARED_SECRET';
  throw badValue("shared", readings.shared, "only together with shared_secret", hint);
}

function perSetting<T>(make: (key: keyof Settings) => T): Record<keyof Settings, T> {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, make(key)])) as Record<keyof Settings, T>;
}
