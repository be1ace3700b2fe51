/**
 * The settings about a gateway: a proxy on another machine that the commands use instead of one here. Part of the table
 * of settings.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import type { Setting } from "./setting.ts";
import { secretKey } from "./setting_kinds.ts";
import { gatewayUrl } from "./url_kinds.ts";

/** What the settings about a gateway say. */
export interface GatewaySettings {
  /** The origin of the gateway, without a slash at its end. `undefined`: the commands use the proxy of this machine. */
  readonly remote: string | undefined;
  /** What this machine presents to the gateway with its requests. `undefined`: none was given. */
  readonly clientKey: Secret | undefined;
  /** What the gateway's management endpoints ask for. `undefined`: they cannot be asked from here. */
  readonly remoteManagementKey: Secret | undefined;
}

/** One row for each field of {@link GatewaySettings}. */
export const GATEWAY_SETTINGS: { readonly [Key in keyof GatewaySettings]: Setting<GatewaySettings[Key]> } = {
  remote: {
    name: "remote",
    flag: undefined,
    environment: "CLIPROXY_REMOTE",
    default: "",
    group: "gateway",
    ...gatewayUrl(),
    doc:
      "A cdx2 on another machine. With it no proxy is started here and no key is needed here: the commands use that one.",
  },
  clientKey: {
    name: "client_key",
    flag: undefined,
    environment: "CLIPROXY_CLIENT_KEY",
    default: "",
    group: "gateway",
    ...secretKey(8),
    doc:
      "The key of this client, made on the gateway with `cdx2 clients add NAME`. It is sent to `remote` only.",
  },
  remoteManagementKey: {
    name: "remote_management_key",
    flag: undefined,
    environment: "CLIPROXY_REMOTE_MANAGEMENT_KEY",
    default: "",
    group: "gateway",
    ...secretKey(8),
    doc:
      "The management key of the gateway, for `doctor`, `trace`, `all`, `usage` and `reset`. Requests need none. It is " +
      "sent to `remote` only.",
  },
};
