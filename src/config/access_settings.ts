/**
 * The settings about who may use the proxy, and under which names. Part of the table of settings.
 * @module
 */

import type { Setting } from "./setting.ts";
import { hostName, ipRange, listOf, onOff } from "./setting_kinds.ts";
import { webOrigin } from "./url_kinds.ts";

/** What the settings about access say. */
export interface AccessSettings {
  /** Whether `host` may be an address that other machines can reach. */
  readonly allowNonLoopback: boolean;
  /** Whether requests need the key of a client on a loopback address too; on others they always do. */
  readonly requireClientKey: boolean;
  /** Names in `Host`, besides those of this machine: without a port, in lower case. */
  readonly allowedHosts: readonly string[];
  /** As in `Origin`, in lower case. */
  readonly allowedOrigins: readonly string[];
  /** Addresses, or ranges of them, of web servers whose `X-Forwarded-For` is believed: texts that `addressRange` reads. */
  readonly trustedProxies: readonly string[];
}

/** One row for each field of {@link AccessSettings}. */
export const ACCESS_SETTINGS: { readonly [Key in keyof AccessSettings]: Setting<AccessSettings[Key]> } = {
  allowNonLoopback: {
    name: "allow_non_loopback",
    flag: "--allow-non-loopback",
    environment: "CLIPROXY_ALLOW_NON_LOOPBACK",
    default: "off",
    group: "service",
    ...onOff(),
    doc:
      "Permits a `host` that other machines can reach. Each client then needs a key that `cdx2 clients add` makes.",
  },
  requireClientKey: {
    name: "require_client_key",
    flag: undefined,
    environment: "CLIPROXY_REQUIRE_CLIENT_KEY",
    default: "off",
    group: "service",
    ...onOff(),
    doc:
      "Whether requests need the key of a client also where only this machine reaches the proxy, for example when a web " +
      "server in front of it takes requests from elsewhere. On a `host` that other machines can reach they always do.",
  },
  allowedHosts: {
    name: "allowed_hosts",
    flag: undefined,
    environment: "CLIPROXY_ALLOWED_HOSTS",
    default: "",
    group: "service",
    ...listOf(hostName(), "host names or IP addresses, without ports"),
    doc:
      "More names under which clients may reach the proxy, such as `host.docker.internal` from a container. Loopback " +
      "and the address of `host` need not be named.",
  },
  allowedOrigins: {
    name: "allowed_origins",
    flag: undefined,
    environment: "CLIPROXY_ALLOWED_ORIGINS",
    default: "",
    group: "service",
    ...listOf(webOrigin(), "origins such as https://app.example or app://obsidian.md"),
    doc:
      "Web pages and apps in a browser that may use the proxy besides those of this machine, by their `Origin`. " +
      "They may also read its answers, and so spend your keys.",
  },
  trustedProxies: {
    name: "trusted_proxies",
    flag: undefined,
    environment: "CLIPROXY_TRUSTED_PROXIES",
    default: "",
    group: "service",
    ...listOf(ipRange(), "numeric IP addresses or ranges such as 10.0.0.0/8"),
    doc:
      "Web servers in front of the proxy, such as 127.0.0.1 or 10.0.0.0/8, that name the client in `X-Forwarded-For`. Of others that " +
      "header is not believed. Without this, all clients that come through a web server count as one when somebody tries keys.",
  },
};
