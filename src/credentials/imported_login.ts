/**
 * What is changed in a login before it becomes a key: nothing, but for what the user asks for. Pure.
 * @module
 */

import { editAuthFile, type MemberChange } from "../auth/auth_file_edit.ts";
import { isObject, type Json, type JsonObject, member, parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";

/** How a login comes in. */
export interface ImportedAs {
  /** Its refresh token stays with the program that has it now. */
  readonly isBorrowed: boolean;
  /** It is taken over: the program that had it gives it away. */
  readonly isMoved: boolean;
  /** The key's own upstream; `undefined`: that of the pool, or what the file says. */
  readonly upstream: string | undefined;
}

/** The text of the key's file. */
export function importedText(text: Secret, as: ImportedAs): Secret {
  const json = parseJson(text.reveal());
  if (!isObject(json)) return text;
  return changed(text, [
    ...(as.isBorrowed ? withoutRefreshTokens(json) : []),
    // It says which process of Codex may renew the login; now none may.
    ...(as.isMoved && member(json["tokens"], "login_owner_id") !== undefined
      ? [{ path: ["tokens", "login_owner_id"], value: undefined } as const]
      : []),
    ...(as.upstream === undefined ? [] : [{ path: ["upstream"], value: as.upstream } as const]),
  ]);
}

/** The text of a key's file that also says whose key it is, where the file does not say so itself. */
export function withOwner(text: Secret, owner: { accountId: string; email: string | undefined }): Secret {
  return changed(text, [
    { path: ["account_id"], value: owner.accountId },
    ...(owner.email === undefined ? [] : [{ path: ["email"], value: owner.email } as const]),
  ]);
}

/** Whether a file holds a refresh token. */
export function hasRefreshToken(text: Secret): boolean {
  const json = parseJson(text.reveal());
  return isObject(json) && withoutRefreshTokens(json).length > 0;
}

const REFRESH_NAMES = ["refresh_token", "refreshToken"] as const;

// Empty and not absent: Codex refuses a login without the field.
function withoutRefreshTokens(json: JsonObject): readonly MemberChange[] {
  const paths = REFRESH_NAMES.flatMap((name): [string, ...string[]][] => [["tokens", name], [name]]);
  return paths.filter((path) => isFilledText(path.reduce<unknown>(member, json)))
    .map((path) => ({ path, value: "" }));
}

function isFilledText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function changed(text: Secret, changes: readonly MemberChange[]): Secret {
  if (changes.length === 0) return text;
  const edited = editAuthFile(text.reveal(), changes);
  if (edited.kind === "edited") return new Secret(edited.text);
  return new Secret(JSON.stringify(changes.reduce(set, parseJson(text.reveal()) as Json), null, 2));
}

// Only for a file that has one name twice, or the like: its layout is lost, not what it says.
function set(json: Json, { path: [name, ...rest], value }: MemberChange): Json {
  const before = isObject(json) ? json as Readonly<Record<string, Json>> : {};
  const [next, ...more] = rest;
  const after = next === undefined ? value : set(before[name] ?? {}, { path: [next, ...more], value });
  const { [name]: _, ...others } = before;
  return after === undefined ? others : { ...before, [name]: after };
}
