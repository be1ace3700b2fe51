/**
 * The files in which other tools keep logins, one row for each. A row finds the logins in a file; what is one login in
 * any spelling is known to login_fields.ts, and whether it can be used to auth/record.ts, which reads every key. Of
 * some tools only a description was at hand: their rows say so. Pure.
 * @module
 */

import { foreignReason, namesOpenAi } from "../auth/provider.ts";
import { filledText, isObject, type JsonObject } from "../values/json.ts";
import { type Around, aroundIn, fieldsOf, hasLogin, NOTHING_AROUND, objectIn } from "./login_fields.ts";

/** A login that a row has found, or why a part of the file is none. */
export type Part =
  /** To be looked at again: a file of another format, or one login. */
  | { readonly kind: "login"; readonly json: unknown; readonly around: Around }
  /** `reason` completes "LABEL is skipped: ". */
  | { readonly kind: "foreign"; readonly label: string; readonly reason: string };

/** How one tool keeps its logins. */
export interface Format {
  /** What messages call the tool; `undefined` when no tool in particular writes this. */
  readonly tool: string | undefined;
  /** The tool goes on using the file, and may renew what is in it. */
  readonly isLive: boolean;
  /** Whether a file is of this format. The first row that says so counts. */
  readonly fits: (file: JsonObject) => boolean;
  /** What is in such a file. */
  readonly parts: (file: JsonObject, around: Around) => readonly Part[];
}

/** The table. */
export const FORMATS: readonly Format[] = [
  {
    tool: "codex-lb",
    isLive: false,
    fits: (file) => objectIn(file, "codexAuthJson", "codex_auth_json") !== undefined,
    parts: (file, around) => {
      const account = objectIn(file, "account") ?? {};
      return [one(objectIn(file, "codexAuthJson", "codex_auth_json"), aroundIn(account, around))];
    },
  },
  {
    tool: "Sub2API",
    isLive: false,
    fits: (file) =>
      listIn(file, "accounts").some((entry) => isObject(entry) && objectIn(entry, "credentials")),
    parts: (file, around) => listIn(file, "accounts").map((entry) => credentialsPart(entry, around)),
  },
  {
    tool: "codex-multi-auth",
    isLive: true,
    fits: (file) => listIn(file, "accounts").some(isObject) && "activeIndex" in file,
    parts: (file, around) => listIn(file, "accounts").map((entry) => one(entry, around)),
  },
  {
    // From a description of Hermes.
    tool: "Hermes",
    isLive: true,
    fits: (file) =>
      objectIn(file, "providers") !== undefined && objectIn(file, "credential_pool") !== undefined,
    parts: (file, around) => [
      ...byProvider(objectIn(file, "providers")!, around),
      ...byProvider(objectIn(file, "credential_pool")!, around),
    ],
  },
  {
    // From a description of OpenClaw.
    tool: "OpenClaw",
    isLive: true,
    fits: (file) => objectIn(file, "profiles") !== undefined,
    parts: (file, around) => byProvider(objectIn(file, "profiles")!, around),
  },
  {
    tool: undefined,
    isLive: false,
    fits: (file) => listIn(file, ...LISTS).some(isObject),
    parts: (file, around) => listIn(file, ...LISTS).map((entry) => one(entry, around)),
  },
  {
    tool: undefined,
    isLive: false,
    fits: (file) => MAPS.some((name) => mapOfLogins(objectIn(file, name))),
    parts: (file, around) => byProvider(MAPS.map((name) => objectIn(file, name)).find(mapOfLogins)!, around),
  },
  {
    tool: "the ChatGPT web session",
    isLive: true,
    fits: (file) => filledText(file["accessToken"]) !== undefined && objectIn(file, "user") !== undefined,
    parts: ({ accessToken, user, account }, around) => {
      const owner = isObject(user) ? aroundIn(user, around) : around;
      const accountId = isObject(account) ? filledText(account["id"]) : undefined;
      return [one({ accessToken }, { ...owner, accountId })];
    },
  },
  {
    tool: "a tool that writes accessToken",
    isLive: false,
    fits: (file) => isCamel(objectIn(file, "tokens", "credential")) && !hasOwnToken(file),
    parts: (file, around) => [one(objectIn(file, "tokens", "credential"), aroundIn(file, around))],
  },
  {
    tool: "opencode or pi",
    isLive: true,
    fits: (file) => !hasLogin(file) && entriesOf(file).some(([, entry]) => isProviderEntry(entry)),
    parts: (file, around) => byProvider(file, around),
  },
  {
    tool: "opencodex",
    isLive: true,
    fits: (file) =>
      !hasLogin(file) && entriesOf(file).some(([, entry]) => isCamel(entry) || isCamel(credentialIn(entry))),
    parts: (file, around) =>
      entriesOf(file).filter(([, entry]) => isObject(entry)).map(([label, entry]) =>
        one(credentialIn(entry) ?? entry, { ...around, label })
      ),
  },
];

/** The row of a file; `undefined` when the file itself is one login, or nothing that is known. */
export function formatOf(file: JsonObject): Format | undefined {
  return FORMATS.find(({ fits }) => fits(file));
}

const LISTS = ["accounts", "auths", "logins", "credentials", "tokens", "data", "items"] as const;
const MAPS = ["accounts", "providers", "auths", "logins", "credentials", "credential_pool"] as const;

function one(json: unknown, around: Around): Part {
  return { kind: "login", json, around: isObject(json) ? { ...aroundIn(json, around) } : around };
}

function listIn(file: JsonObject, ...names: readonly string[]): readonly unknown[] {
  return names.map((name) => file[name]).find(Array.isArray) ?? [];
}

function entriesOf(file: unknown): readonly (readonly [string, unknown])[] {
  return isObject(file) ? Object.entries(file) : [];
}

// A relay's key belongs to the relay: without its address it must not be sent anywhere.
function credentialsPart(entry: unknown, around: Around): Part {
  if (!isObject(entry)) return one(entry, around);
  const own = aroundIn(entry, around);
  const credentials = objectIn(entry, "credentials") ?? {};
  const { type: _, ...named } = entry;
  const reason = foreignReason(named, fieldsOf(credentials, own).access) ?? otherPlatform(entry["platform"]);
  if (reason !== undefined) return { kind: "foreign", label: own.label ?? "an account", reason };
  const upstream = filledText(credentials["base_url"]);
  return one(upstream === undefined ? credentials : { ...credentials, upstream }, own);
}

function otherPlatform(platform: unknown): string | undefined {
  const name = filledText(platform);
  if (name === undefined || namesOpenAi(name)) return undefined;
  return foreignReason({ type: name }, undefined) ?? "a login of another provider, not of OpenAI";
}

/** The entries of a map whose names are those of providers, with or without more after a colon. */
function byProvider(map: JsonObject, around: Around): readonly Part[] {
  return entriesOf(map).flatMap(([name, entry]) => {
    const entries = Array.isArray(entry) ? entry : [entry];
    return entries.filter(isObject).map((login): Part => {
      const reason = reasonAgainst(name, login);
      const tokens = objectIn(login, "tokens") ?? login;
      return reason === undefined
        ? one(tokens, { ...aroundIn(login, around), label: aroundIn(login, around).label ?? name })
        : { kind: "foreign", label: name, reason };
    });
  });
}

function reasonAgainst(name: string, login: JsonObject): string | undefined {
  const provider = filledText(login["provider"]) ?? name.split(/[:/@]/)[0]!;
  const token = fieldsOf(objectIn(login, "tokens") ?? login, NOTHING_AROUND).access;
  return namesOpenAi(provider) ? foreignReason({}, token) : otherPlatform(provider);
}
function isProviderEntry(entry: unknown): boolean {
  return isObject(entry) && typeof entry["type"] === "string" &&
    (filledText(entry["access"]) !== undefined || filledText(entry["refresh"]) !== undefined ||
      filledText(entry["key"]) !== undefined);
}

function mapOfLogins(map: JsonObject | undefined): map is JsonObject {
  return entriesOf(map).some(([, entry]) =>
    hasLogin(entry) || (isObject(entry) && hasLogin(objectIn(entry, "tokens", "credential")))
  );
}

function credentialIn(entry: unknown): JsonObject | undefined {
  return isObject(entry) ? objectIn(entry, "credential", "credentials", "tokens") : undefined;
}

function isCamel(value: unknown): boolean {
  return isObject(value) &&
    (filledText(value["accessToken"]) !== undefined || filledText(value["refreshToken"]) !== undefined);
}

function hasOwnToken(file: JsonObject): boolean {
  return filledText(objectIn(file, "tokens")?.["access_token"]) !== undefined;
}
