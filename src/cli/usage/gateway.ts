/**
 * `cdx2 usage` where a gateway is set: the report that the gateway makes of its own history.
 * @module
 */

import type { Usage, UsageGroup } from "../../api/usage.ts";
import type { Given } from "../../config/settings.ts";
import { runningClient, serviceDeps, unwrap } from "../service.ts";
import type { World } from "../world.ts";

/** The report; keys are named as in metrics. @throws UserError when the gateway cannot be asked */
export async function gatewayUsage(
  world: World,
  flags: Given["flags"],
  query: { readonly days: number; readonly by: UsageGroup },
): Promise<Usage> {
  const client = await runningClient(await serviceDeps(world, flags));
  // What a newer gateway groups by is printed as it comes.
  return unwrap(await client.usage(query)) as Usage;
}
