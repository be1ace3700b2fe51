/**
 * The settings about logins: who gives them out, and as which program we ask. Part of the table of settings.
 * @module
 */

import type { Setting } from "./setting.ts";
import { clientId, onOff } from "./setting_kinds.ts";
import { baseUrl } from "./url_kinds.ts";

/** What the settings about logins say. */
export interface LoginSettings {
  /** Whether tokens are renewed before they expire. */
  readonly refresh: boolean;
  /** Without a slash at its end. */
  readonly issuer: string;
  /** As registered at the issuer. */
  readonly clientId: string;
  /** Whether the tokens of new keys go into the keyring of the system. */
  readonly keyring: boolean;
}

/** One row for each field of {@link LoginSettings}. */
export const LOGIN_SETTINGS: { readonly [Key in keyof LoginSettings]: Setting<LoginSettings[Key]> } = {
  refresh: {
    name: "refresh",
    flag: undefined,
    environment: "CLIPROXY_REFRESH",
    default: "on",
    group: "logins",
    ...onOff(),
    doc: "Whether tokens are renewed before they expire. `off` also stops `cdx2 auth refresh`.",
  },
  issuer: {
    name: "issuer",
    flag: undefined,
    environment: "CLIPROXY_ISSUER",
    default: "https://auth.openai.com",
    group: "logins",
    ...baseUrl(),
    doc:
      "Who gives out logins and renews their tokens. The token endpoint is below it, at `/oauth/token`. Only " +
      "`cdx2 auth` and the renewal of tokens ask it.",
  },
  clientId: {
    name: "client_id",
    flag: undefined,
    environment: "CLIPROXY_CLIENT_ID",
    // Codex's own (Codex CLI, login/src/lib.rs): the backend serves the tokens of this client.
    default: "app_EMoamEEZ73f0CkXaXp7hrann",
    group: "logins",
    ...clientId(),
    doc: "The name of the program that logs in, as the issuer knows it. The default is that of Codex.",
  },
  keyring: {
    name: "keyring",
    flag: undefined,
    environment: "CLIPROXY_KEYRING",
    default: "off",
    group: "logins",
    ...onOff(),
    doc:
      "Whether the tokens of new keys go into the keyring of the system (Linux and macOS) instead of their files. Keys that " +
      "are there already stay where they are: `cdx2 auth migrate` moves them.",
  },
};
