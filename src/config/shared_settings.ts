/**
 * The settings about a pool that several machines share: where they meet, and as who. Part of the table of settings.
 * @module
 */

import { Secret } from "../values/secret.ts";
import { bracketed, unbracketed } from "./address.ts";
import type { Setting } from "./setting.ts";
import { oneOf, path, type PlacelessKind, secretKey } from "./setting_kinds.ts";
import { withoutSecrets } from "./url_kinds.ts";

/** Where the members of a shared pool meet: a Redis or Valkey server. */
export interface Engine {
  /** A name or an IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
  /** Whether TLS is spoken there. */
  readonly isTls: boolean;
  /** `undefined`: the default user. */
  readonly username: string | undefined;
  /** `undefined`: none is asked for. */
  readonly password: Secret | undefined;
  /** The number of the database. */
  readonly database: number;
}

/** What the settings about a shared pool say. */
export interface SharedSettings {
  /** `undefined`: there is no shared pool. */
  readonly shared: Engine | undefined;
  /** What makes a member; `undefined` when there is no shared pool. */
  readonly sharedSecret: Secret | undefined;
  /** Pools with different names have nothing to do with each other. */
  readonly sharedNamespace: string;
  /** The path of the certificate authorities for the engine; `undefined`: those of the system. */
  readonly sharedCaFile: string | undefined;
  /** What this member is called; empty: as its machine. */
  readonly member: string;
  /** Whether this member may renew logins for the pool. `auto`: unless it runs in a CI system. */
  readonly poolHome: "auto" | "on" | "off";
}

const DEFAULT_PORT = 6379;
const SCHEMES = /^rediss?:\/\//i;

function engineIn(text: string): Engine | undefined {
  const url = SCHEMES.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === "" || /[?#]/.test(text)) return undefined;
  const [, database] = /^\/?(\d{0,3})$/.exec(url.pathname) ?? [];
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (database === undefined || username === undefined || password === undefined) return undefined;
  return {
    hostname: unbracketed(url.hostname),
    port: Number(url.port || DEFAULT_PORT),
    isTls: url.protocol === "rediss:",
    username: username === "" ? undefined : username,
    password: password === "" ? undefined : new Secret(password),
    database: Number(database),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The engine as it may be shown: without user and password. */
export function engineText(
  { hostname, port, isTls, database }: Omit<Engine, "username" | "password">,
): string {
  return `redis${isTls ? "s" : ""}://${bracketed(hostname)}:${port}${database === 0 ? "" : `/${database}`}`;
}

function engine(): PlacelessKind<Engine | undefined> {
  return {
    argument: "url",
    unit: undefined,
    allowed: "redis://[user:password@]host[:port][/database], or rediss:// for TLS",
    parse: engineIn,
    read: engineIn,
    show: (value) => value === undefined ? null : engineText(value),
    echo: withoutSecrets,
  };
}

function shortName(isEmptyAllowed: boolean): PlacelessKind<string> {
  const shape = /^[\w.-]{1,64}$/;
  return {
    argument: "name",
    unit: undefined,
    allowed: "up to 64 letters, digits and any of _ . -",
    parse: (text) => shape.test(text) || (isEmptyAllowed && text === "") ? text : undefined,
    read: (text) => text,
    show: (value) => value === "" ? null : value,
    echo: (text) => text,
  };
}

const CA_FILE = path();

/** One row for each field of {@link SharedSettings}. */
export const SHARED_SETTINGS: { readonly [Key in keyof SharedSettings]: Setting<SharedSettings[Key]> } = {
  shared: {
    name: "shared",
    flag: undefined,
    environment: "CLIPROXY_SHARED",
    default: "",
    group: "shared pool",
    ...engine(),
    doc:
      "The Redis or Valkey server over which several proxies know together which keys are limited or dead. Also needs " +
      "`shared_secret`. Without it, each proxy keeps what it knows to itself.",
  },
  sharedSecret: {
    name: "shared_secret",
    flag: undefined,
    environment: "CLIPROXY_SHARED_SECRET",
    default: "",
    group: "shared pool",
    ...secretKey(32),
    doc:
      "The secret of the shared pool, the same for all members: `cdx2 pool secret` makes one. What goes to the server is " +
      "sealed with it.",
  },
  sharedNamespace: {
    name: "shared_namespace",
    flag: undefined,
    environment: "CLIPROXY_SHARED_NAMESPACE",
    default: "cdx2",
    group: "shared pool",
    ...shortName(false),
    doc: "The name of the shared pool on its server, where several are to be told apart.",
  },
  sharedCaFile: {
    name: "shared_ca_file",
    flag: undefined,
    environment: "CLIPROXY_SHARED_CA_FILE",
    default: "",
    group: "shared pool",
    ...CA_FILE,
    read: (text, place) => text === "" ? undefined : CA_FILE.read(text, place),
    show: (value) => value ?? null,
    doc: "The certificate authorities of the server, as a PEM file. Without it, those of the system.",
  },
  member: {
    name: "member",
    flag: undefined,
    environment: "CLIPROXY_MEMBER",
    default: "",
    group: "shared pool",
    ...shortName(true),
    doc: "What this proxy is called in the shared pool. Without it, as its machine.",
  },
  poolHome: {
    name: "pool_home",
    flag: undefined,
    environment: "CLIPROXY_POOL_HOME",
    default: "auto",
    group: "shared pool",
    ...oneOf("auto", "on", "off"),
    doc:
      "Whether this proxy may be the home of logins in the shared pool, which renews them for all members. `auto`: unless " +
      "the environment has `CI`, as in jobs of CI systems. A proxy without a refresh token is never one.",
  },
};
