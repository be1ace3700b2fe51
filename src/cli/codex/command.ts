/**
 * `cdx2 codex ARGS…`: runs the user's Codex through the proxy, in the foreground.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { ensureRunning } from "../../runtime/service.ts";
import { keyOption, pinnedFile } from "../pinned_key.ts";
import { runForeground } from "../child.ts";
import { clientEnvironment } from "../client_env.ts";
import { codexProgram } from "../codex_program.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { endpointOf, runningNotes } from "../running.ts";
import { serviceDeps } from "../service.ts";
import { ensureKey } from "./first_key.ts";
import { codexRoute, hasCodexLogin, routedArguments } from "./route.ts";
import { codexTask } from "./task.ts";

/** The command `cdx2 codex`. */
export const codexCommand = defineCommand({
  ...listed("codex"),
  details:
    'The first word or unknown option and everything after it go to Codex; "--" ends the options of cdx2. ' +
    "Set CDX2_CODEX_BIN to run another program than the codex on PATH.",
  examples: [
    ["start Codex as usual", "cdx2 codex"],
    ["ask once", 'cdx2 codex exec "say hi"'],
    ["use one key and no other", "cdx2 codex --key work.json"],
    ["pass Codex an option that cdx2 has too", "cdx2 codex -- --help"],
  ],
  syntax: (command) =>
    command
      .usage("[options] [--] [ARGS...]")
      .argument("[args...]", "Arguments for Codex.")
      .addOption(keyOption())
      .allowUnknownOption()
      .passThroughOptions(),
  run: async ({ world, output, flags, args: [args], options: { key } }) => {
    const { command: codex } = codexProgram(world.env);
    if (codexTask(args).kind === "no_model") return await runForeground(world, [codex, ...args], world.env);

    const deps = await serviceDeps(world, flags);
    if (deps.gateway !== undefined) {
      const { runThroughGateway } = await import("../gateway/run.ts");
      return await runThroughGateway(world, deps.gateway, { program: codex, args, pinned: key });
    }
    const found = await listKeys(world.files, deps.resolved.settings.authDir);
    const pinned = key === undefined ? undefined : pinnedFile(found, key);
    const listing = await ensureKey(world, output, { ...deps, listing: found });
    const [running, isLoggedIn] = await Promise.all([
      ensureRunning(deps, { force: false, onWait: (text) => output.info(text) }),
      hasCodexLogin(world, codex),
    ]);
    for (const note of runningNotes(running)) output.note(note);
    const place = endpointOf(running, deps.resolved.settings);
    const route = codexRoute(running.service, listing, { pinned, isLoggedIn });
    const routed = await routedArguments(world, route, args);
    for (const note of routed.notes) output.note(note);
    const env = { ...world.env, ...clientEnvironment(place, world.env) };
    return await runForeground(world, [codex, ...routed.args], env);
  },
});
