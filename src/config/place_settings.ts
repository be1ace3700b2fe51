/**
 * The settings that say where the running proxy is and what it asks for. Part of the table of settings, and apart from the
 * rest because a command that only asks the proxy need not load that.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import type { Setting } from "./setting.ts";
import { path, secretKey, wholeNumber } from "./setting_kinds.ts";

/** What the settings about the place say. */
export interface PlaceSettings {
  /** The folder with the keys. */
  readonly authDir: string;
  /** The path of `.env`, which need not exist. */
  readonly envFile: string;
  /** 0: none chosen yet. */
  readonly port: number;
  /** `undefined`: none made yet. */
  readonly managementKey: Secret | undefined;
}

/** What a default contains in the place of the auth dir, which is found out first. */
export const AUTH_DIR_PLACEHOLDER = "<auth dir>";

/** One row for each field of {@link PlaceSettings}. */
export const PLACE_SETTINGS: { readonly [Key in keyof PlaceSettings]: Setting<PlaceSettings[Key]> } = {
  authDir: {
    name: "auth_dir",
    flag: "--auth-dir",
    environment: "CLIPROXY_AUTH_DIR",
    default: "~/.codex/_auths",
    group: "service",
    ...path(),
    doc: "The folder with the keys, one JSON file each. The proxy keeps its own files there too.",
  },
  envFile: {
    name: "env_file",
    flag: undefined,
    environment: "CLIPROXY_ENV_FILE",
    default: `${AUTH_DIR_PLACEHOLDER}/.env`,
    group: "service",
    ...path(),
    doc:
      "The file that holds settings between runs. The chosen port and the management key are written to it.",
  },
  port: {
    name: "port",
    flag: "--port",
    environment: "CLIPROXY_PORT",
    default: "0",
    group: "service",
    ...wholeNumber(0, 65535),
    doc: "The port to listen on. 0 picks a free one at the first start and keeps it in the env file.",
  },
  managementKey: {
    name: "management_key",
    flag: "--management-key",
    environment: "CLIPROXY_MANAGEMENT_KEY",
    default: "",
    group: "service",
    ...secretKey(8),
    doc:
      "What a caller of the management endpoints has to present. Without one, the first start makes one of 24 " +
      "random bytes and keeps it in the env file.",
  },
};
