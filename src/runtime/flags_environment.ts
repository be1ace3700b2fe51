/**
 * The flags of a command line, handed to a process that it starts.
 * @module
 */

import { FLAGS_VARIABLE, type ResolvedSettings } from "../config/settings.ts";
import { SETTING_KEYS, SETTINGS, type Settings } from "../config/settings_table.ts";
import type { Environment } from "../system/process.ts";
import { Secret } from "../values/secret.ts";

/** The flags, for the child. Every user can read an argument list with `ps`, and one flag is a secret. */
export function flagsAsEnvironment({ settings, sources }: ResolvedSettings): Environment {
  const given = SETTING_KEYS.filter((key) => sources[key] === "flag");
  const texts = given.map((key) => [SETTINGS[key].environment, settingText(settings, key)] as const);
  const names = texts.map(([name]) => name).join(",");
  return { ...Object.fromEntries(texts), [FLAGS_VARIABLE]: names };
}

function settingText<Key extends keyof Settings>(settings: Settings, key: Key): string {
  const value = settings[key];
  return value instanceof Secret ? value.reveal() : String(SETTINGS[key].show(value));
}
