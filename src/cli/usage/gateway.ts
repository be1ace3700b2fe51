/**
 * `cdx2 usage` where a gateway is set: the report that the gateway makes of its own history.
 * @module
 */

import type { Usage, UsageGroup } from "../../api/usage.ts";
import { type CommandDeps, runningClient, unwrap } from "../service.ts";

/** The report; keys are named as in metrics. @throws UserError when the gateway cannot be asked */
export async function gatewayUsage(
  deps: CommandDeps,
  query: { readonly days: number; readonly by: UsageGroup },
): Promise<Usage> {
  const client = await runningClient(deps);
  // What a newer gateway groups by is printed as it comes.
  return unwrap(await client.usage(query)) as Usage;
}
