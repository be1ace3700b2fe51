/**
 * Writes new tokens into an auth file: only the fields about them, in the shape that the file has, and only while it still
 * holds the tokens that they replace. What another program has written meanwhile is never overwritten.
 * @module
 */

import { asOnlyWriter, type WritableAuthDir } from "../auth/auth_file_change.ts";
import { editAuthFile, type MemberChange } from "../auth/auth_file_edit.ts";
import { isObject, member, parseJson } from "../values/json.ts";
import { isoOf } from "../values/iso_time.ts";
import type { Secret } from "../values/secret.ts";
import { type HeldLogin, heldLogin } from "./held_login.ts";

/** Tokens to write; `undefined`: the file keeps the one that it has. */
export interface NewTokens {
  /** The access token. */
  readonly accessToken: Secret;
  /** The refresh token. */
  readonly refreshToken: Secret | undefined;
  /** The id token. */
  readonly idToken: Secret | undefined;
  /** The end of the access token, epoch milliseconds; `undefined` when it does not say. */
  readonly expiresAtMs: number | undefined;
}

/** What is replaced by what. */
export interface TokenChange {
  /** What the file held. */
  readonly before: HeldLogin;
  /** What it is to hold. */
  readonly tokens: NewTokens;
  /** For `last_refresh`, epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Writes the tokens into the file at `path`, a path without links. Resolves with false when the file does not hold the
 * tokens of `before` any more; then nothing is written.
 * @throws {FileError} when it cannot be written
 * @throws {@link UserError} when another program does not end writing into the auth dir
 */
export async function storeTokens(
  place: WritableAuthDir,
  path: string,
  { before, tokens, nowMs }: TokenChange,
): Promise<boolean> {
  return await asOnlyWriter(place, async () => {
    const text = await place.files.readText(path);
    const held = heldLogin(text);
    if (!held || !isSameHolding(held, before)) return false;
    const edited = withTokens(text, held, { tokens, nowMs });
    if (edited === undefined) return false;
    await place.files.writeDurable(path, edited);
    return true;
  });
}

function isSameHolding(a: HeldLogin, b: HeldLogin): boolean {
  if (a.refreshToken === undefined || b.refreshToken === undefined) {
    return a.refreshToken === b.refreshToken && a.accessToken.equals(b.accessToken);
  }
  return a.refreshToken.equals(b.refreshToken);
}

/** The text of an auth file with other tokens; `undefined` when the text is not that of an auth file. */
export function withTokens(
  text: string,
  { place }: Pick<HeldLogin, "place">,
  { tokens, nowMs }: { readonly tokens: NewTokens; readonly nowMs: number },
): string | undefined {
  const json = parseJson(text);
  if (!isObject(json)) return undefined;
  const holder = place === "tokens" ? json["tokens"] : json;
  const pathOf = (name: string) => (place === "tokens" ? ["tokens", name] : [name]) as [string, ...string[]];
  const has = (name: string) => place === "tokens" || member(json, name) !== undefined;
  const changes: MemberChange[] = [];
  const { accessToken, refreshToken, idToken, expiresAtMs } = tokens;
  changes.push({ path: pathOf("access_token"), value: accessToken.reveal() });
  if (refreshToken) changes.push({ path: pathOf("refresh_token"), value: refreshToken.reveal() });
  if (idToken && (place === "tokens" || member(holder, "id_token") !== undefined)) {
    changes.push({ path: pathOf("id_token"), value: idToken.reveal() });
  }
  if (has("last_refresh")) changes.push({ path: ["last_refresh"], value: isoOf(nowMs) });
  if (member(json, "expired") !== undefined && expiresAtMs !== undefined) {
    changes.push({ path: ["expired"], value: isoOf(expiresAtMs) });
  }
  const edited = editAuthFile(text, changes);
  return edited.kind === "edited" ? edited.text : undefined;
}
