/**
 * One login in the spelling of whichever tool wrote it. Each field is looked for under all the names that are in use,
 * and the login is written as Codex writes it. Pure.
 * @module
 */

import { claimsOf } from "../auth/jwt.ts";
import { filledText, isObject, type JsonObject, member } from "../values/json.ts";
import { tokenShape } from "../values/token_shape.ts";

/** What is known about a login from around it. */
export interface Around {
  /** What the file calls it; `undefined` when it does not. */
  readonly label: string | undefined;
  /** `undefined` when only the login itself may say. */
  readonly email: string | undefined;
  /** The account; `undefined` when only the login itself may say. */
  readonly accountId: string | undefined;
  /** The tool has switched it off. */
  readonly isDisabled: boolean;
}

/** Nothing is known. */
export const NOTHING_AROUND: Around = {
  label: undefined,
  email: undefined,
  accountId: undefined,
  isDisabled: false,
};

/** The fields of a login; each is `undefined` when there is none or it is empty. */
export interface LoginFields {
  /** The access token. */
  readonly access: string | undefined;
  /** The refresh token. */
  readonly refresh: string | undefined;
  /** The id token. */
  readonly id: string | undefined;
  /** An API key of the platform. */
  readonly apiKey: string | undefined;
  /** Of the user. */
  readonly email: string | undefined;
  /** As the upstream names the account. */
  readonly accountId: string | undefined;
  /** When its tokens were made, as the file writes it. */
  readonly lastRefresh: string | undefined;
  /** The user has switched it off. */
  readonly isDisabled: boolean;
}

// In the order in which they count.
const NAMES = {
  access: ["access_token", "accessToken", "access"],
  refresh: ["refresh_token", "refreshToken", "refresh"],
  id: ["id_token", "idToken"],
  apiKey: ["OPENAI_API_KEY", "openai_api_key", "api_key", "apiKey", "key"],
  email: ["email", "account_email", "accountEmail"],
  accountId: ["account_id", "chatgpt_account_id", "chatgptAccountId", "accountId"],
  lastRefresh: ["last_refresh", "lastRefresh", "lastRefreshAt", "last_refresh_at"],
} as const;

/** Reads the fields of one object; what the login does not say is taken from around it. */
export function fieldsOf(login: JsonObject, around: Around): LoginFields {
  const read = (names: readonly string[]) =>
    names.map((name) => filledText(login[name])).find((text) => text !== undefined);
  return {
    access: read(NAMES.access),
    refresh: read(NAMES.refresh),
    id: read(NAMES.id),
    apiKey: read(NAMES.apiKey),
    email: read(NAMES.email) ?? around.email,
    accountId: read(NAMES.accountId) ?? around.accountId,
    lastRefresh: read(NAMES.lastRefresh),
    isDisabled: around.isDisabled || login["disabled"] === true || login["enabled"] === false,
  };
}

/** What is known about a login from the object that it is in. */
export function aroundIn(holder: JsonObject, outer: Around): Around {
  const { email, accountId, isDisabled } = fieldsOf(holder, outer);
  const named = ["name", "label", "title", "alias"].map((name) => filledText(holder[name]))
    .find((text) => text !== undefined);
  return { label: named ?? email ?? outer.label, email, accountId, isDisabled };
}

/** Whether an object has something to log in with, in any spelling. */
export function hasLogin(value: unknown): value is JsonObject {
  if (!isObject(value)) return false;
  const { access, refresh, apiKey } = fieldsOf(value, NOTHING_AROUND);
  return access !== undefined || refresh !== undefined || apiKey !== undefined;
}

/** The auth file for these fields, as Codex writes it. */
export function codexFile(fields: LoginFields): JsonObject {
  const { access, refresh, id, apiKey, accountId, lastRefresh, isDisabled } = fields;
  const email = fields.email ?? emailIn(access);
  const rest = {
    ...(email !== undefined && { email }),
    ...(isDisabled && { disabled: true }),
  };
  if (access === undefined && refresh === undefined) {
    return { auth_mode: "apikey", OPENAI_API_KEY: apiKey ?? null, ...rest };
  }
  if (access !== undefined && tokenShape(access) === "personal_token") {
    const account = accountId === undefined ? {} : { account_id: accountId };
    return { OPENAI_API_KEY: null, personal_access_token: access, ...account, ...rest };
  }
  const tokens = {
    id_token: id ?? "",
    access_token: access ?? "",
    // Codex refuses a login without this field.
    refresh_token: refresh ?? "",
    ...(accountId !== undefined && { account_id: accountId }),
  };
  const refreshed = lastRefresh === undefined ? {} : { last_refresh: lastRefresh };
  return { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, ...refreshed, ...rest };
}

// Access tokens of ChatGPT carry it beside their other claims.
function emailIn(access: string | undefined): string | undefined {
  return filledText(member(claimsOf(access ?? "")["https://api.openai.com/profile"], "email"));
}

/** An object that is a member of another one; `undefined` when there is none. */
export function objectIn(holder: JsonObject, ...names: readonly string[]): JsonObject | undefined {
  return names.map((name) => member(holder, name)).find(isObject);
}
