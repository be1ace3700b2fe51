/**
 * `cdx2 proxy`: has the proxy running, and tells a person or a shell where it is.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { ensureRunning, stopService } from "../../runtime/service.ts";
import { clientEnvironment, dialectOf, renderEnvironment, SHELL_NAMES } from "../client_env.ts";
import { defineCommand } from "../command.ts";
import { endpointOf, exposureWarnings, runningLine, runningNotes } from "../running.ts";
import { serve } from "../serve.ts";
import { serviceDeps } from "../service.ts";

const VARIABLES = ["printEnv", "printEnvOnly"];
const PRINTING = [...VARIABLES, "json"];

export const proxyCommand = defineCommand({
  name: "proxy",
  group: "The proxy:",
  summary: "Start the proxy in the background, unless it is running already.",
  examples: [
    ["lead the programs of this sh, bash or zsh to it", 'eval "$(cdx2 proxy --print-env-only)"'],
    ["the same in fish", "cdx2 proxy --print-env-only --shell fish | source"],
    ["the same in PowerShell", "cdx2 proxy --print-env-only --shell powershell | Out-String | iex"],
    ["serve in this terminal, as a container does", "cdx2 proxy --foreground"],
  ],
  syntax: (command) =>
    command
      .option("--force", "Stop a running one first.")
      .addOption(new Option("--foreground", "Run it in this terminal, until Ctrl-C.").conflicts(PRINTING))
      .addOption(new Option("--json", "Answer with what the proxy says about itself.").conflicts(VARIABLES))
      .option("--print-env", "Print the variables that lead clients to it, for a shell to evaluate.")
      .option("--print-env-only", "The same, with nothing but notes and errors on standard error.")
      .addOption(
        new Option("--shell <name>", "Print them for this shell, and not for the one in $SHELL.")
          .choices(SHELL_NAMES).implies({ printEnv: true }),
      ),
  run: async ({ world, output, flags, options }) => {
    const { force = false, foreground, json, printEnv, printEnvOnly, shell } = options;
    const deps = await serviceDeps(world, flags);
    if (foreground) {
      if (force) await stopService(deps);
      for (const note of exposureWarnings(deps.resolved.settings.host)) output.note(note);
      return await serve(world, deps.resolved, { foreground });
    }
    const running = await ensureRunning(deps, { force });
    if (!printEnvOnly) output.info(runningLine(running));
    for (const note of runningNotes(running)) output.note(note);
    if (json) output.printJson(running.service);
    if (printEnv || printEnvOnly) {
      const variables = clientEnvironment(endpointOf(running, deps.resolved.settings), world.env);
      output.print(renderEnvironment(variables, dialectOf(shell ?? world.env["SHELL"] ?? "sh")));
    }
    return 0;
  },
});
