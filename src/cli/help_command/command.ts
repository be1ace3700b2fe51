/**
 * `cdx2 help`: the help of a command, and all settings in one place.
 * @module
 */

import { Argument, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { noColourOption } from "../command_tree.ts";
import { DEFAULT_COLUMNS } from "../help.ts";
import { meantCommand } from "../synonyms.ts";
import { settingsHelp } from "./settings_help.ts";

const SETTINGS_TOPIC = "settings";

/** The command `cdx2 help`. */
export const helpCommand = defineCommand({
  ...listed("help"),
  examples: [
    ["see what a command takes", "cdx2 help trace"],
    ["see the help of a command below another", "cdx2 help auth import"],
    ["see every setting", "cdx2 help settings"],
  ],
  takesSettings: false,
  syntax: (command) =>
    command
      .addOption(noColourOption().hideHelp())
      .addArgument(new Argument("[topic...]", 'The name of a command, or "settings".')),
  run: ({ world, output, args: [topic], program }) => {
    if (topic.length === 1 && topic[0] === SETTINGS_TOPIC) {
      const columns = world.terminal.outSize?.columns ?? DEFAULT_COLUMNS;
      output.print(settingsHelp({ columns, palette: output.palette }));
    } else {
      commandAt(program, topic).outputHelp();
    }
    return Promise.resolve(0);
  },
});

/** @throws {@link UserError} with exit code 2 when there is no such command */
function commandAt(command: CommandUnknownOpts, path: readonly string[], place = "cdx2"): CommandUnknownOpts {
  const [name, ...rest] = path;
  if (name === undefined) return command;
  const commands = command.createHelp().visibleCommands(command);
  const inner = commands.find((one) => one.name() === name);
  if (inner) return commandAt(inner, rest, `${place} ${name}`);
  const meant = meantCommand(name, place, commands.map((one) => one.name()));
  throw new UserError(`There is no command "${place} ${name}"`, {
    hint: meant === undefined ? `see "${place} --help"` : `did you mean "${meant}"?`,
    exitCode: 2,
  });
}
