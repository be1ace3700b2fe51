/**
 * The gateway that the settings name: a proxy on another machine. Nothing is sent to any other host, since redirects are
 * not followed, and its two keys go no further than the headers of these requests.
 * @module
 */

import type { ResolvedSettings } from "../../config/settings.ts";
import { SETTINGS, type Settings } from "../../config/settings_table.ts";
import type { Clock } from "../../system/clock.ts";
import type { Send } from "../../system/http.ts";
import type { Secret } from "../../values/secret.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";

/** A gateway, and what this machine presents to it. */
export interface Gateway {
  /** Its origin. */
  readonly url: string;
  readonly clientKey: Secret | undefined;
  readonly managementKey: Secret | undefined;
  /** The way there, through the HTTP proxy that the environment names for it. */
  readonly send: Send;
  readonly clock: Clock;
}

/** The gateway of the settings; `undefined` when the commands use the proxy of this machine. */
export function gatewayOf(
  world: Pick<World, "sendOut" | "clock">,
  { remote, clientKey, remoteManagementKey }: Settings,
): Gateway | undefined {
  if (remote === undefined) return undefined;
  const { clock } = world;
  return { url: remote, clientKey, managementKey: remoteManagementKey, send: world.sendOut(), clock };
}

/**
 * Refuses a command that is about this machine while a gateway is set; `what` says what is there and not here.
 * @throws {@link UserError} with exit code 2
 */
export function refuseWithGateway({ settings, sources }: ResolvedSettings, what: string): void {
  const { remote, envFile } = settings;
  if (remote === undefined) return;
  const name = SETTINGS.remote.environment;
  const unset = sources.remote === "env_file" ? `take ${name} out of ${envFile}` : `unset ${name}`;
  throw new UserError(`${what}: ${name} is ${remote}`, {
    hint: `run this on the gateway, or ${unset} to use the proxy of this machine`,
    exitCode: 2,
  });
}
