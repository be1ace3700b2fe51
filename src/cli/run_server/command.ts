/**
 * `cdx2 run-server`: the background process itself. `cdx2 proxy` starts it; users do not type it.
 * @module
 */

import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { serviceDeps } from "../service.ts";

/** The command `cdx2 run-server`. */
export const runServerCommand = defineCommand({
  ...listed("run-server"),
  examples: [],
  syntax: (command) => command,
  run: async ({ world, flags }) => {
    const { keyring } = world;
    // The help of all commands does without it.
    const { serve } = await import("../../runtime/serve.ts");
    return await serve(await serviceDeps(world, flags), { foreground: false, keyring });
  },
});
