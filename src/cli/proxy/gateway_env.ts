/**
 * `cdx2 proxy --print-env` where a gateway is set: the variables that route a client to it.
 * @module
 */

import type { ResolvedSettings } from "../../config/settings.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { counted } from "../../values/durations.ts";
import type { Output } from "../../screen/output.ts";
import { dialectFor, renderEnvironment } from "../client_env.ts";
import { gatewayEnvironment, SAME_AS_CLIENT_KEY } from "../gateway/client.ts";
import { welcomeFrom } from "../gateway/ask.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { World } from "../world.ts";

/** What is printed, and where. */
export interface GatewayPrinting {
  readonly world: World;
  readonly output: Output;
  readonly gateway: Gateway;
  readonly resolved: ResolvedSettings;
  /** The shell that the user names; `undefined`: the one in `$SHELL`. */
  readonly shell: string | undefined;
}

/**
 * Prints the variables and resolves with the exit code. A client key that the shell has already is named there and not
 * repeated. @throws UserError when the gateway cannot be used
 */
export async function printGatewayEnvironment(
  { world, output, gateway, resolved: { sources }, shell }: GatewayPrinting,
): Promise<number> {
  const page = await welcomeFrom(gateway);
  output.info(
    `the gateway ${gateway.url} lets in ${page.client ?? "everybody"} and has ${counted(page.keys, "key")}`,
  );
  const variables = gatewayEnvironment(gateway, { current: world.env, pinned: undefined });
  const dialect = dialectFor(shell, world.env);
  const isInShell = sources.clientKey === "environment" && dialect !== "json";
  const { [SETTINGS.clientKey.environment]: _, ...others } = variables;
  output.print(
    isInShell
      ? renderEnvironment(others, dialect, SAME_AS_CLIENT_KEY)
      : renderEnvironment(variables, dialect),
  );
  return 0;
}
