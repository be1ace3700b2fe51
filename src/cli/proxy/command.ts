/**
 * `cdx2 proxy`: makes sure that the proxy is running, and prints its address for the user or for a shell.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { ensureRunning, stopService } from "../../runtime/service.ts";
import { clientEnvironment, dialectFor, renderEnvironment, SHELL_NAMES } from "../client_env.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { endpointOf, exposureWarnings, runningLine, runningNotes } from "../running.ts";
import { refuseWithGateway } from "../gateway/gateway.ts";
import { serviceDeps } from "../service.ts";

const VARIABLES = ["printEnv", "printEnvOnly"];
const PRINTING = [...VARIABLES, "json"];

/** The command `cdx2 proxy`. */
export const proxyCommand = defineCommand({
  ...listed("proxy"),
  details:
    'Codex itself ignores the variable OPENAI_BASE_URL that is printed for other clients: run it with "cdx2 codex".',
  examples: [
    ["route the programs of this sh, bash or zsh through it", 'eval "$(cdx2 proxy --print-env-only)"'],
    ["the same in fish", "cdx2 proxy --print-env-only --shell fish | source"],
    ["the same in PowerShell", "cdx2 proxy --print-env-only --shell powershell | Out-String | iex"],
    ["run in this terminal, as a container does", "cdx2 proxy --foreground"],
  ],
  syntax: (command) =>
    command
      .option("--force", "Stop a running proxy first.")
      .addOption(new Option("--foreground", "Run in this terminal until Ctrl-C.").conflicts(PRINTING))
      .addOption(
        new Option("--json", "Print what the proxy reports about itself as JSON.").conflicts(VARIABLES),
      )
      .option("--print-env", "Print the environment variables for its clients, for a shell to evaluate.")
      .option("--print-env-only", "The same, with only notes and errors on standard error.")
      .addOption(
        new Option("--shell <name>", "Print them for this shell instead of the one in $SHELL.")
          .choices(SHELL_NAMES).implies({ printEnv: true }),
      ),
  run: async ({ world, output, flags, options }) => {
    const { force = false, foreground, json, printEnv, printEnvOnly, shell } = options;
    const deps = await serviceDeps(world, flags);
    const { gateway } = deps;
    if (gateway !== undefined && (printEnv || printEnvOnly)) {
      const { printGatewayEnvironment } = await import("./gateway_env.ts");
      return await printGatewayEnvironment({ world, output, gateway, resolved: deps.resolved, shell });
    }
    refuseWithGateway(deps.resolved, "No proxy is started here");
    const onWait = (text: string) => output.info(text);
    if (foreground) {
      if (force) await stopService(deps, onWait);
      for (const note of exposureWarnings(deps.resolved.settings.host)) output.note(note);
      // Half of all code, which a shell's start file would wait for each time.
      const { serve } = await import("../../runtime/serve.ts");
      return await serve(deps, { foreground, keyring: world.keyring });
    }
    const running = await ensureRunning(deps, { force, onWait, compares: "all" });
    if (!printEnvOnly) output.info(runningLine(running));
    for (const note of runningNotes(running)) output.note(note);
    if (json) output.printJson(running.service);
    if (printEnv || printEnvOnly) {
      const variables = clientEnvironment(endpointOf(running, deps.resolved.settings), world.env);
      output.print(renderEnvironment(variables, dialectFor(shell, world.env)));
    }
    return 0;
  },
});
