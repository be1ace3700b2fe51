/**
 * `cdx2 doctor`: the state of each key and why, the policy of the proxy, and what is wrong around it.
 * @module
 */

import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";

/** The command `cdx2 doctor`. */
export const doctorCommand = defineCommand({
  ...listed("doctor"),
  details: "Exit code 1: no key can be used.",
  examples: [
    ["see why a key is not used, and what brings it back", "cdx2 doctor"],
    [
      "list the keys that are not fully usable",
      `cdx2 doctor --json | jq -r '.accounts[] | select(.state != "whitelist" or .expired or .disabled) | .file'`,
    ],
    [
      "see how a longer cooldown would have changed the requests of a log",
      "cdx2 doctor --replay rr_proxy_v2.events.jsonl --set cooldown_seconds=60",
    ],
  ],
  syntax: (command) =>
    command
      .option("--json", "Print JSON.")
      .option("--plain", "Do not colour or wrap lines, as in a pipe.")
      .option("--replay <file>", "Instead, replay this event log and show what the rules would have done.")
      .option("--set <name=value>", "With --replay: try this value of a rule. Can be repeated.", collect),
  run: async (invocation) => await (await import("./run.ts")).runDoctor(invocation),
});

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
