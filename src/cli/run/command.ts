/**
 * `cdx2 run -- COMMAND…`: runs a command with the proxy's environment, in the foreground.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { ensureRunning, type Running } from "../../runtime/service.ts";
import { pinnedBaseUrl } from "../../proxy/pin.ts";
import { keyOption, pinnedFile } from "../pinned_key.ts";
import { runForeground } from "../child.ts";
import { clientEnvironment } from "../client_env.ts";
import { asksModel, codexArguments } from "../codex/args.ts";
import { codexRoute, hasCodexLogin } from "../codex/route.ts";
import { defineCommand } from "../command.ts";
import { endpointOf, runningNotes } from "../running.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";

/** The command `cdx2 run`. */
export const runCommand = defineCommand({
  name: "run",
  group: "Clients:",
  summary: "Run a command with the proxy's environment and return its exit code.",
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
    const { authDir } = deps.resolved.settings;
    const pinned = key === undefined ? undefined : pinnedFile(await listKeys(world.files, authDir), key);
    const running = await ensureRunning(deps, { force: false });
    for (const note of runningNotes(running)) output.note(note);
    const endpoint = endpointOf(running, deps.resolved.settings);
    const baseUrl = pinned === undefined ? endpoint.baseUrl : pinnedBaseUrl(endpoint.baseUrl, pinned);
    const variables = clientEnvironment({ ...endpoint, baseUrl }, world.env);
    const routedArgs = isCodex(program) && asksModel(args)
      ? await throughProxy(world, running, { program, pinned, args })
      : args;
    return await runForeground(world, [program, ...routedArgs], { ...world.env, ...variables });
  },
});

/** Codex alone does not read its address from the environment. */
function isCodex(program: string): boolean {
  return /(?:^|[\\/])codex(?:\.exe|\.cmd)?$/.test(program);
}

async function throughProxy(
  world: World,
  { service }: Running,
  { program, pinned, args }: {
    readonly program: string;
    readonly pinned: string | undefined;
    readonly args: readonly string[];
  },
): Promise<readonly string[]> {
  const isLoggedIn = await hasCodexLogin(world, program);
  const listing = await listKeys(world.files, service.auth_dir);
  return codexArguments(codexRoute(service, listing, { pinned, isLoggedIn }), args);
}
