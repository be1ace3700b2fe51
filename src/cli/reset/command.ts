/**
 * `cdx2 reset`: clears penalties now, when the user knows more than the proxy.
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Received } from "../../api/received.ts";
import type { Reset } from "../../api/reset.ts";
import { stateWord } from "../../auth/state_word.ts";
import { printable } from "../../screen/cells.ts";
import { counted } from "../../values/durations.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { runningKeyFile } from "../running_key.ts";
import { runningClient, serviceDeps, unwrap } from "../service.ts";

/** The command `cdx2 reset`. */
export const resetCommand = defineCommand({
  ...listed("reset"),
  examples: [
    ["give every key another chance", "cdx2 reset"],
    ["clear the penalty of one key", "cdx2 reset --name work.json"],
    ["end all cooldowns, and nothing else", "cdx2 reset --state cooldown"],
  ],
  syntax: (command) =>
    command
      .option("--name <key-name>", KEY_NAME_HELP)
      .addOption(
        new Option("--state <state>", "Only for keys in this state.")
          .choices(PENALTY_WORDS)
          .argParser(penaltyOf),
      )
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { name, state, json } }) => {
    const client = await runningClient(await serviceDeps(world, flags));
    // For an unknown name the proxy answers that nothing was reset, which would hide a typing error.
    const file = name === undefined
      ? undefined
      : await runningKeyFile(client, name, "Cannot reset the key: ");
    const reset = unwrap(await client.reset({ name: file, state }));
    if (json) output.printJson(reset);
    else output.printLines([resetLine(reset)]);
    return 0;
  },
});

const PENALTY_WORDS = ["blacklisted", "cooldown", "probation"] as const;

/** The penalty that a user names by its word, or as scripts do: `blacklist`. @throws InvalidArgumentError for another */
function penaltyOf(text: string): "blacklist" | "cooldown" | "probation" {
  if (text === "cooldown" || text === "probation") return text;
  if (text === "blacklist" || text === "blacklisted") return "blacklist";
  throw new InvalidArgumentError(`Allowed choices are ${PENALTY_WORDS.join(", ")}.`);
}

/** One line for the user. */
export function resetLine({ reset, files, filter }: Received<Reset>): string {
  if (reset > 0) {
    return `reset ${counted(reset, "key")}: ${files.map(printable).join(", ")}`;
  }
  const { name, state } = filter;
  if (name) {
    return `nothing to reset: ${printable(name)} ${
      state ? `is not in the state ${stateWord(state)}` : "has no penalty"
    }`;
  }
  return `nothing to reset: no key ${state ? `is in the state ${stateWord(state)}` : "has a penalty"}`;
}
