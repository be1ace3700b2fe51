/**
 * `cdx2 run -- COMMAND…`: runs a command with the proxy's environment, in the foreground.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { ensureRunning } from "../../runtime/service.ts";
import { pinnedBaseUrl } from "../../proxy/pin.ts";
import { keyOption, pinnedFile } from "../pinned_key.ts";
import { runForeground } from "../child.ts";
import { clientEnvironment } from "../client_env.ts";
import { codexRoute, hasCodexLogin, routedArguments } from "../codex/route.ts";
import { codexTask } from "../codex/task.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { endpointOf, runningNotes } from "../running.ts";
import { isCodex } from "../codex_program.ts";
import { serviceDeps } from "../service.ts";

/** The command `cdx2 run`. */
export const runCommand = defineCommand({
  ...listed("run"),
  examples: [
    ["run a program that uses an OpenAI SDK", "cdx2 run -- python ask.py"],
    ["show the environment that it gets", "cdx2 run -- env"],
    ["run Codex, which gets the address in its arguments", 'cdx2 run -- codex exec "say hi"'],
    ["use one key and no other", "cdx2 run --key work.json -- python ask.py"],
  ],
  syntax: (command) =>
    command
      .usage("[options] -- COMMAND [ARGS...]")
      .argument("<command>", "The program to run.")
      .argument("[args...]", "Its arguments.")
      .addOption(keyOption())
      .passThroughOptions(),
  run: async ({ world, output, flags, args: [program, args], options: { key } }) => {
    const deps = await serviceDeps(world, flags);
    if (deps.gateway !== undefined) {
      const { runThroughGateway } = await import("../gateway/run.ts");
      return await runThroughGateway(world, deps.gateway, { program, args, pinned: key });
    }
    const { authDir } = deps.resolved.settings;
    const pinned = key === undefined ? undefined : pinnedFile(await listKeys(world.files, authDir), key);
    const running = await ensureRunning(deps, { force: false, onWait: (text) => output.info(text) });
    for (const note of runningNotes(running)) output.note(note);
    const endpoint = endpointOf(running, deps.resolved.settings);
    const baseUrl = pinned === undefined ? endpoint.baseUrl : pinnedBaseUrl(endpoint.baseUrl, pinned);
    const variables = clientEnvironment({ ...endpoint, baseUrl }, world.env);
    const env = { ...world.env, ...variables };
    if (!isCodex(program) || codexTask(args).kind === "no_model") {
      return await runForeground(world, [program, ...args], env);
    }
    const [listing, isLoggedIn] = await Promise.all([
      listKeys(world.files, running.service.auth_dir),
      hasCodexLogin(world, program),
    ]);
    const routed = await routedArguments(
      world,
      codexRoute(running.service, listing, { pinned, isLoggedIn }),
      args,
    );
    for (const note of routed.notes) output.note(note);
    return await runForeground(world, [program, ...routed.args], env);
  },
});
