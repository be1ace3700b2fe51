/**
 * `cdx2 codex ARGS…`: runs the user's Codex through the proxy, in the foreground.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { Upstream } from "../../upstream/upstream.ts";
import { ensureRunning } from "../../runtime/service.ts";
import { keyOption, pinnedFile } from "../pinned_key.ts";
import { runForeground } from "../child.ts";
import { clientEnvironment } from "../client_env.ts";
import { defineCommand } from "../command.ts";
import { endpointOf, runningNotes } from "../running.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { asksModel, codexArguments } from "./args.ts";
import { ensureKey } from "./first_key.ts";

/** The command `cdx2 codex`. */
export const codexCommand = defineCommand({
  name: "codex",
  group: "Clients:",
  summary: "Run Codex through the proxy and return its exit code.",
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
    const codex = world.env["CDX2_CODEX_BIN"] || "codex";
    if (!asksModel(args)) return await runForeground(world, [codex, ...args], world.env);

    const deps = await serviceDeps(world, flags);
    const pinned = await pinnedFile(world.files, deps.resolved.settings.authDir, key);
    await ensureKey(world, output, deps);
    const [running, isLoggedIn, { records }] = await Promise.all([
      ensureRunning(deps, { force: false }),
      hasLogin(world, codex),
      listKeys(world.files, deps.resolved.settings.authDir),
    ]);
    for (const note of runningNotes(running)) output.note(note);
    const place = endpointOf(running, deps.resolved.settings);
    const isChatGptUpstream = new Upstream(running.service.upstream_base_url).isChatGpt;
    const hasOwnUpstreams = records.some(({ upstream }) => upstream !== undefined);
    const route = { baseUrl: place.baseUrl, pinned, isChatGptUpstream, hasOwnUpstreams, isLoggedIn };
    const env = { ...world.env, ...clientEnvironment(place, world.env) };
    return await runForeground(world, [codex, ...codexArguments(route, args)], env);
  },
});

// Codex may keep its login in a file, in the system's keyring or in the environment, so ask Codex itself. It answers
// in 50 ms, while the proxy starts.
async function hasLogin({ processes }: World, codex: string): Promise<boolean> {
  return await processes.outputOf(codex, ["login", "status"]) !== undefined;
}
