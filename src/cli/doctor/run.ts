/**
 * What `cdx2 doctor` does. Apart from the command, because the help of all commands needs only its options: it is a
 * third of the code of all commands.
 * @module
 */

import { paletteFor } from "../../screen/output.ts";
import { UserError } from "../../values/user_error.ts";
import type { Invocation } from "../command.ts";
import { keyRenewals } from "../renewals.ts";
import { serviceDeps } from "../service.ts";
import { codexRouting } from "./codex_route.ts";
import { diagnose, type Diagnosis, diagnosisJson } from "./diagnosis.ts";
import { gatherFacts } from "./gather.ts";
import { diagnosisText } from "./text.ts";

/** The options of `cdx2 doctor` without those that name settings; absent: not given. */
export type DoctorOptions = {
  readonly json?: true | undefined;
  readonly plain?: true | undefined;
  /** The path of an event log. */
  readonly replay?: string | undefined;
  /** Values of rules for the replay, each `name=value`. */
  readonly set?: readonly string[] | undefined;
};

/** Prints the report and resolves with the exit code: 1 when no key can be used. Throws {@link UserError}. */
export async function runDoctor(
  { world, output, flags, options: { json, plain, replay, set = [] } }: Invocation<unknown, DoctorOptions>,
): Promise<number> {
  const width = plain ? Infinity : world.terminal.outSize?.columns ?? Infinity;
  const palette = plain ? paletteFor(false, { allowsColour: false, env: {} }) : output.palette;
  const show = (diagnosis: Diagnosis) => {
    if (json) output.printJson(diagnosisJson(diagnosis));
    else output.print(diagnosisText(diagnosis, { width, palette }));
    return diagnosis.isOk ? 0 : 1;
  };
  if (replay !== undefined) {
    // The rules, and all that they are made of, which the diagnosis does not need.
    const [{ replayFile, replayJson }, { replayText }] = await Promise.all([
      import("./replay.ts"),
      import("./replay_text.ts"),
    ]);
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
}

function setWithoutReplay(): UserError {
  return new UserError("--set works only with --replay", {
    hint: "name an event log with --replay",
    exitCode: 2,
  });
}
