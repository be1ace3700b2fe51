/**
 * `cdx2 run -- COMMAND…`: runs a command with the proxy's environment, in the place of this program.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import { ensureRunning } from "../../runtime/service.ts";
import { runInPlace } from "../child.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { addServiceOptions, flagsOf, outputOf } from "../options.ts";
import { placeOf, runningNotes } from "../running.ts";
import { serviceDeps } from "../service.ts";
import { clientEnvironment } from "../client_env.ts";

export function declareRun(command: Command, { world, exit }: Context): void {
  addExamples(
    command,
    ["run a program that uses an OpenAI SDK", "cdx2 run -- python ask.py"],
    ["see what such a program is told", "cdx2 run -- env"],
  );
  addServiceOptions(
    command.description("Run any command with the proxy's environment, and end with its exit code."),
  )
    .usage("[options] -- COMMAND [ARGS...]")
    .argument("<command>", "The program to run.")
    .argument("[args...]", "Its arguments.")
    .passThroughOptions()
    .action(async (program, args, _options, command) => {
      const output = outputOf(command, world);
      const deps = await serviceDeps(world, flagsOf(command));
      const running = await ensureRunning(deps, { force: false });
      for (const note of runningNotes(running)) output.say(note);
      const variables = clientEnvironment(placeOf(running, deps.resolved.settings), world.env);
      exit(await runInPlace(world, [program, ...args], { ...world.env, ...variables }));
    });
}
