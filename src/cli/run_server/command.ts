/**
 * `cdx2 run-server`: the background process itself. `cdx2 proxy` starts it; users do not type it.
 * @module
 */

import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { resolvedSettings } from "../settings.ts";
import { VERSION } from "../version.ts";

/** The command `cdx2 run-server`. */
export const runServerCommand = defineCommand({
  ...listed("run-server"),
  examples: [],
  syntax: (command) => command,
  run: async ({ world, flags }) => {
    // The help of all commands does without it.
    const { serve } = await import("../../runtime/serve.ts");
    const served = { ...world, resolved: await resolvedSettings(world, flags), version: VERSION };
    return await serve(served, { foreground: false, keyring: world.keyring });
  },
});
