/**
 * The options that commands share, and the values given for them. Each setting with a flag is an option, made from its
 * row in the table of settings.
 * @module
 */

import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { SettingGroup } from "../config/setting.ts";
import type { PlacelessKind } from "../config/setting_kinds.ts";
import { SETTING_KEYS, SETTINGS, type Settings } from "../config/settings_table.ts";
import { Output } from "../screen/output.ts";
import { noColourOption } from "./command_tree.ts";
import type { World } from "./world.ts";

/** What the help says of an argument or option that names a key; completions know it by its placeholder `key-name`. */
export const KEY_NAME_HELP =
  "The key: its file, with or without .json, its alias, or its e-mail if no other key has it.";

/** The heading over the settings of this group in the help. */
export function settingsHeading(group: SettingGroup): string {
  return `Settings (${group}):`;
}

/** Settings given as options, as text. */
export type GivenFlags = Readonly<Partial<Record<keyof Settings, string>>>;

/** Adds `--quiet`, `--no-color`, and with `hasSettings` one option for each setting that has a flag. */
export function addServiceOptions<C extends CommandUnknownOpts>(
  command: C,
  { hasSettings }: { readonly hasSettings: boolean },
): C {
  command.addOption(new Option("-q, --quiet", "Print only the answer and errors."));
  command.addOption(noColourOption().hideHelp());
  if (hasSettings) { for (const option of settingOptions()) command.addOption(option); }
  return command;
}

/** The settings given as options of `command`, as text. */
export function flagsOf(command: CommandUnknownOpts): GivenFlags {
  const given = command.opts() as Readonly<Record<string, unknown>>;
  const flags: { -readonly [key in keyof GivenFlags]: GivenFlags[key] } = {};
  for (const option of command.options) {
    const key = SETTING_OF.get(option);
    const value = given[option.attributeName()];
    if (key !== undefined && value !== undefined) flags[key] = value === true ? "on" : String(value);
  }
  return flags;
}

/** The output of this command, as `--quiet`, `--no-color` and the environment want it. */
export function outputOf(command: CommandUnknownOpts, { terminal, env }: World): Output {
  const { quiet } = command.opts() as { quiet?: boolean };
  // Without the flag the value is true on each level, so that merging the levels would lose it.
  const allowsColour = levelsOf(command).every((level) => level.opts()["color"] !== false);
  return new Output(terminal, { isQuiet: quiet === true, allowsColour, env });
}

/** The command and its parents, the root of the tree last: `list`, `auth`, `cdx2`. */
export function levelsOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.parent ? [command, ...levelsOf(command.parent)] : [command];
}

/**
 * A parser for commander that reads an option's text as a setting of this kind is read.
 * @throws {@link InvalidArgumentError} from the parser, when the text is not allowed
 */
export function parsedAs<T>({ parse, allowed }: PlacelessKind<T>): (text: string) => T {
  return (text) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Allowed is ${allowed}.`);
  };
}

/** Which setting an option of a command gives. */
const SETTING_OF = new WeakMap<object, keyof Settings>();

function settingOptions(): readonly Option[] {
  return SETTING_KEYS.flatMap((key) => {
    const { flag, argument, doc, environment, group, default: standard } = SETTINGS[key];
    if (!flag) return [];
    const flags = argument ? `${flag} <${argument}>` : flag;
    const notes = [environment, ...(argument && standard ? [`default: ${standard}`] : [])];
    const option = new Option(flags, `${doc} (${notes.join(", ")})`).helpGroup(settingsHeading(group));
    SETTING_OF.set(option, key);
    return [option];
  });
}
