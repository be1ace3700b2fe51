/**
 * Prints `cdx2 all --line`.
 * @module
 */

import type { Output } from "../../screen/output.ts";
import type { GivenFlags } from "../options.ts";
import { runningClient, serviceDeps, unwrap } from "../service.ts";
import type { World } from "../world.ts";
import { poolFigures } from "../../api/pool_figures.ts";
import { poolLine } from "./line.ts";

/** Resolves with the exit code. @throws UserError when no proxy answers */
export async function printLine(world: World, output: Output, flags: GivenFlags): Promise<number> {
  const client = await runningClient(await serviceDeps(world, flags));
  const { accounts } = unwrap(await client.health());
  output.printLines([poolLine(poolFigures(accounts, world.clock.nowMs()))]);
  return 0;
}
