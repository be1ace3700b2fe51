/**
 * `cdx2 auth priority`: which keys are used before which others.
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { MAX_PRIORITY } from "../../auth/record.ts";
import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { switchKey } from "./switch_key.ts";

const RANGE = `a whole number from -${MAX_PRIORITY} to ${MAX_PRIORITY}`;

/** The command `cdx2 auth priority`. */
export const authPriorityCommand = defineCommand({
  name: "priority",
  summary: "Set which keys are used first.",
  details:
    "Keys of a lower priority get requests only when none of a higher one is free. Without a priority, " +
    "a key has 0. A key with a negative one is a last resort.",
  examples: [
    ["use this key before all others", "cdx2 auth priority work.json 10"],
    ["use this key only when no other is free", "cdx2 auth priority api-key.json -10"],
  ],
  syntax: (command) =>
    command
      .argument("<key-name>", KEY_NAME_HELP)
      .argument("<number>", `The priority: ${RANGE}.`, priorityFrom)
      .option("--json", "Print JSON."),
  run: (invocation) => {
    const { args: [name, priority], options: { json } } = invocation;
    return switchKey(invocation, {
      name,
      cannot: "Cannot set the priority of the key",
      change: { path: ["priority"], value: priority },
      line: (file, isChanged) =>
        isChanged
          ? `${file} has the priority ${priority}; a running proxy follows it within 2s`
          : `${file} has the priority ${priority} already`,
    }, json);
  },
});

function priorityFrom(text: string): number {
  const priority = Number(text);
  if (/^[-+]?\d{1,3}$/.test(text) && Math.abs(priority) <= MAX_PRIORITY) return priority + 0;
  throw new InvalidArgumentError(`It must be ${RANGE}.`);
}
