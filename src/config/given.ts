/**
 * Where the text of a setting was given, and the settings that say where the proxy is. Each value is looked for in the
 * flags, the environment, `.env` and the defaults, in this order; error messages and `status --json` name the place where it
 * was found. `.env` cannot say where the auth dir or `.env` itself are: they have to be known before it can be read.
 * @module
 */

import { readEnvFile } from "./env_text.ts";
import { AUTH_DIR_PLACEHOLDER, PLACE_SETTINGS, type PlaceSettings } from "./place_settings.ts";
import type { Setting } from "./setting.ts";
import type { Place } from "./setting_kinds.ts";
import type { Settings } from "./settings_table.ts";
import { UserError } from "../values/user_error.ts";

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

/** A row, as far as it takes to find its text and to make `T` of that. */
export type Row<T = unknown> = Omit<Setting<T>, "show">;

/** A setting's text before it is parsed, and where it was found. */
export interface Reading {
  /** Of a secret: in full. */
  readonly text: string;
  /** Where it was found. */
  readonly source: SettingSource;
  /** The place for error messages, such as `--port` or `CLIPROXY_PORT in /a/.env`. */
  readonly from: string;
}

/** `.env`, as it was read. */
export interface EnvFile {
  /** For error messages. */
  readonly path: string;
  /** By the name of the variable. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Where the auth dir and `.env` are, before `.env` can be read.
 * @throws {@link UserError} with exit code 2 when one of the two paths is not allowed
 */
export function locate(given: Omit<Given, "envFileText">): Pick<Settings, "authDir" | "envFile"> {
  return { authDir: placeSetting("authDir", given), envFile: placeSetting("envFile", given) };
}

/** `.env`, read. @throws {@link UserError} as {@link locate} */
export function envFileOf(given: Given): EnvFile {
  return { path: locate(given).envFile, values: readEnvFile(given.envFileText ?? "") };
}

/**
 * The settings that say where the proxy is, where only these are given; `undefined` where others are: one of them could be
 * that of a gateway, or be wrong.
 * @throws {@link UserError} with exit code 2 when a value is not allowed
 */
export function onlyPlace(given: Omit<Given, "flags">): PlaceSettings | undefined {
  const all = { ...given, flags: {} };
  const envFile = envFileOf(all);
  const known = Object.values(PLACE_SETTINGS).map(({ environment }) => environment);
  const names = [given.env, envFile.values].flatMap((values) => Object.keys(values));
  if (names.some((name) => name.startsWith(SETTING_PREFIX) && !known.includes(name))) return undefined;
  return {
    ...locate(all),
    port: placeSetting("port", all, envFile),
    managementKey: placeSetting("managementKey", all, envFile),
  };
}

/** What the variables of all settings begin with. */
export const SETTING_PREFIX = "CLIPROXY_";

function placeSetting<Key extends keyof PlaceSettings>(
  key: Key,
  given: Given,
  envFile?: EnvFile,
): PlaceSettings[Key] {
  const row: Setting<PlaceSettings[Key]> = PLACE_SETTINGS[key];
  return parsed(row, readingOf(key, row, { given, envFile }), given);
}

/** A start hands its flags to the background process as variables; this one lists their names. */
export const FLAGS_VARIABLE = "CDX2_FLAGS";

const LOCATIONS: readonly (keyof Settings)[] = ["authDir", "envFile"];

/** The text of the setting `key`, whose row is `row`. */
export function readingOf(
  key: keyof Settings,
  row: Row,
  { given, envFile }: { readonly given: Given; readonly envFile?: EnvFile | undefined },
): Reading {
  const { flag = key, environment, default: defaultText } = row;
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
  const authDir = () => readingOf("authDir", PLACE_SETTINGS.authDir, { given }).text;
  return { text: defaultText.replace(AUTH_DIR_PLACEHOLDER, authDir), source: "default", from: "the default" };
}

/** The value of a text. @throws {@link UserError} with exit code 2 when it is not allowed */
export function parsed<T>(row: Row<T>, reading: Reading, place: Place): T {
  if (reading.source === "default") return row.read(reading.text, place);
  const value = row.parse(reading.text, place);
  if (value === undefined) throw badValue(row, reading, row.allowed);
  return value;
}

/** The error for a value that is not allowed: it names the setting, the value, its place and what is allowed. */
export function badValue(
  { name, echo }: Row,
  { text, from }: Reading,
  allowed: string,
  hint?: string,
): UserError {
  const value = JSON.stringify(echo(text));
  const message = `Bad ${name} ${value} (from ${from}): allowed is ${allowed}`;
  return new UserError(message, { exitCode: 2, hint });
}
