/**
 * What an import has to do with the notes about refresh tokens: it says when a token is of no use any more, and a login
 * that is taken over from Codex is ours from then on.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { heldLogin } from "./held_login.ts";
import { newMark, type RenewalMark } from "./renewal_mark.ts";
import type { RenewalMarks } from "./renewal_marks.ts";

const OF_NO_USE: Readonly<Partial<Record<RenewalMark["state"], string>>> = {
  spent: "its refresh token is used up: the file is an old copy, and the key ends with its access token",
  dead: "the issuer has refused its refresh token: the key ends with its access token",
  lost: "its last renewal got no answer: the key ends with its access token",
};

/** Why the login in a text cannot be renewed, as far as notes say; `undefined` when they do not. */
export async function noteAboutRenewal(marks: RenewalMarks, text: Secret): Promise<string | undefined> {
  const token = heldLogin(text.reveal())?.refreshToken;
  const mark = token && await marks.read(token, "").catch(() => undefined);
  return mark && OF_NO_USE[mark.state];
}

/** Forgets that Codex renews the login in a text, which is now in the auth file at `path`. */
export async function takeFromCodex(
  marks: RenewalMarks,
  text: Secret,
  { path, nowMs }: { readonly path: string; readonly nowMs: number },
): Promise<void> {
  const token = heldLogin(text.reveal())?.refreshToken;
  if (token && (await marks.read(token, path))?.state === "codex") {
    await marks.write(token, newMark(path, nowMs));
  }
}
