/**
 * `cdx2 doctor`: the state of each key and why, the policy of the proxy, and what is wrong around it.
 * @module
 */

import { paletteFor } from "../../screen/output.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { keyRenewals } from "../renewals.ts";
import { serviceDeps } from "../service.ts";
import { diagnose, type Diagnosis, diagnosisJson } from "./diagnosis.ts";
import { codexRouting } from "./codex_route.ts";
import { gatherFacts } from "./gather.ts";
import { replayFile, replayJson } from "./replay.ts";
import { replayText } from "./replay_text.ts";
import { diagnosisText } from "./text.ts";

/** The command `cdx2 doctor`. */
export const doctorCommand = defineCommand({
  name: "doctor",
  group: "Keys:",
  summary: "Show the state of each key and the reason, and check the setup.",
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
  run: async ({ world, output, flags, options: { json, plain, replay, set = [] } }) => {
    const width = plain ? Infinity : world.terminal.outSize?.columns ?? Infinity;
    const palette = plain ? paletteFor(false, { allowsColour: false, env: {} }) : output.palette;
    const show = (diagnosis: Diagnosis) => {
      if (json) output.printJson(diagnosisJson(diagnosis));
      else output.print(diagnosisText(diagnosis, { width, palette }));
      return diagnosis.isOk ? 0 : 1;
    };
    if (replay !== undefined) {
      const report = await replayFile(world, { path: replay, assignments: set, flags });
      if (json) output.printJson(replayJson(report));
      else output.print(replayText(report, { width, palette, nowMs: world.clock.nowMs() }));
      return 0;
    }
    if (set.length > 0) throw setWithoutReplay();
    // Made first: asking the proxy extends the environment's list of hosts without an HTTP proxy.
    const sendOut = world.sendOut();
    const deps = await serviceDeps(world, flags);
    if (deps.gateway !== undefined) {
      const { diagnoseGateway } = await import("./gateway.ts");
      return show(await diagnoseGateway(deps, deps.gateway));
    }
    const [facts, renewals, routing] = await Promise.all([
      gatherFacts(deps, sendOut),
      keyRenewals(world, deps.resolved.settings),
      codexRouting(world),
    ]);
    return show(diagnose({ ...facts, renewals, codexRouting: routing }));
  },
});

function setWithoutReplay(): UserError {
  return new UserError("--set works only with --replay", {
    hint: "name an event log with --replay",
    exitCode: 2,
  });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
