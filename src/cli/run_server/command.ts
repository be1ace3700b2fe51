/**
 * `cdx2 run-server`: the background process itself. `cdx2 proxy` starts it; nobody types it.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import type { Context } from "../context.ts";
import { addServiceOptions, flagsOf } from "../options.ts";
import { serveHere } from "../serve.ts";
import { serviceDeps } from "../service.ts";

export function declareRunServer(command: Command, { world, exit }: Context): void {
  addServiceOptions(command.description("The proxy process itself; `cdx2 proxy` starts it."))
    .action(async (_options, command) => {
      const { resolved } = await serviceDeps(world, flagsOf(command));
      exit(await serveHere(world, resolved, { foreground: false }));
    });
}
