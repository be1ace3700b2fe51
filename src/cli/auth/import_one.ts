/**
 * Imports one login: decides whether it is borrowed, finds its owner, checks it and writes it.
 * @module
 */

import { credentialKind } from "../../auth/credential_kind.ts";
import { importKey } from "../../auth/folder.ts";
import { type Login, loginFrom } from "../../auth/folder_plan.ts";
import type { AuthRecord } from "../../auth/record.ts";
import type { Settings } from "../../config/settings.ts";
import type { FoundLogin } from "../../credentials/found_logins.ts";
import { type HeldLogin, heldLogin, isSameLine } from "../../credentials/held_login.ts";
import { noteAboutRenewal, takeFromCodex } from "../../credentials/import_marks.ts";
import { hasRefreshToken, importedText, withOwner } from "../../credentials/imported_login.ts";
import { newKeyText } from "../../keyring/move_tokens.ts";
import { uninterrupted } from "../../credentials/login_store.ts";
import { KeptAsideError, renewNow } from "../../credentials/renew_now.ts";
import { filesWithOwnLogin } from "../../credentials/own_logins.ts";
import { ownerOf } from "../../credentials/whoami.ts";
import { member, parseJson } from "../../values/json.ts";
import { Secret } from "../../values/secret.ts";
import { UserError } from "../../values/user_error.ts";
import { renewalMarks } from "../renewals.ts";
import type { World } from "../world.ts";
import { checkKey } from "./import_check.ts";
import type { ReadSource } from "./import_source.ts";
import type { AuthImport } from "./pages.ts";

/** How to import. */
export interface Importing {
  readonly settings: Settings;
  /** Take the logins over, and remove the source. */
  readonly isMove: boolean;
  /** Leave refresh tokens out. */
  readonly isBorrow: boolean;
  /** The file of the key; `undefined`: named for its e-mail. */
  readonly name: string | undefined;
  /** Replace older logins of the same accounts. */
  readonly replace: boolean;
  /** The keys' own upstream; `undefined`: none, or what their files say. */
  readonly upstream: string | undefined;
  /** Renew logins of which there is only the refresh token. */
  readonly renewsNow: boolean;
  /** Whether the upstream and the issuer may be asked. */
  readonly mayAsk: boolean;
  /** Makes the auth dir, once there is a login to write. */
  readonly prepare: () => Promise<void>;
}

/** A login that is a key now. */
export interface ImportedKey {
  readonly how: AuthImport["how"];
  /** With the name of its file. */
  readonly record: AuthRecord;
}

/** A login that is none. `reason` says why; `isForeign`: it is of another provider. */
export interface SkippedLogin {
  readonly label: string;
  readonly reason: string;
  readonly isForeign: boolean;
}

/** A login with a token to send. */
export type Usable = Extract<FoundLogin, { kind: "usable" }>;
/** A login of which there is only the refresh token. */
export type RefreshOnly = Extract<FoundLogin, { kind: "refresh_only" }>;

/** One login, and where it was found. */
export interface One {
  readonly login: Usable;
  readonly source: ReadSource;
  readonly importing: Importing;
  /** Codex's own login; `undefined` when it has none. */
  readonly codex: HeldLogin | undefined;
}

/** What came of one login; notes are for the user. */
export type OneOutcome = (ImportedKey | SkippedLogin) & { readonly notes: readonly string[] };

/** Imports one login. @throws {@link UserError} when a login that is moved, or the only one, cannot be written */
export async function importOne(world: World, one: One): Promise<OneOutcome> {
  const { source, importing, login } = one;
  const label = login.label ?? source.place;
  const isOfCodex = source.isCodexs || isHeldByCodex(login.text, one.codex);
  if (importing.isMove && isOfCodex && !source.isCodexs) {
    return skippedOne(
      label,
      "Codex uses this login as well: take it over from there with cdx2 auth import --move",
    );
  }
  const isBorrowed = (importing.isBorrow || isOfCodex) && !importing.isMove && hasRefreshToken(login.text);
  const { settings, mayAsk, upstream, isMove } = importing;
  const owned = await withKnownOwner(
    world,
    importedText(login.text, { isBorrowed, isMoved: isMove, upstream }),
    one,
  );
  if (owned.kind === "rejected") return skippedOne(label, owned.reason);
  const parsed = loginFrom(owned.text.reveal(), login.label ?? source.fallbackName);
  if ("reason" in parsed) return skippedOne(label, parsed.reason);
  const checked = await checkKey(world, parsed.record, { settings, mayAsk, send: world.sendOut() });
  if (checked.kind === "rejected") return skippedOne(label, checked.reason);
  try {
    const key = await write(world, parsed, importing);
    const marks = renewalMarks(world);
    const endsWith = await noteAboutRenewal(marks, parsed.text);
    const notes = [
      ...(parsed.record.isDisabled ? ["its file says that it is disabled: no request gets it"] : []),
      ...[owned.note, checked.note, endsWith].filter((note) => note !== undefined),
      ...(isBorrowed && isOfCodex && key.how !== "already_there" ? BORROWED_NOTES : []),
    ];
    return { ...key, notes };
  } catch (error) {
    if (!(error instanceof UserError) || importing.isMove) throw error;
    if (source.logins.length === 1) throw error;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    return skippedOne(label, error.message.replace("Cannot import the key: ", "") + hint);
  }
}

const BORROWED_NOTES = [
  "it is borrowed: its refresh token stays with Codex, and the proxy takes over each new token that Codex gets",
  'to use it without Codex, take it over with "cdx2 auth import --move", or make another login: "cdx2 auth login"',
];

function skippedOne(label: string, reason: string): OneOutcome {
  return { label, reason, isForeign: false, notes: [] };
}

function isHeldByCodex(text: Secret, codex: HeldLogin | undefined): boolean {
  const held = heldLogin(text.reveal());
  return held !== undefined && codex !== undefined && held.refreshToken !== undefined &&
    isSameLine(held, codex);
}

type Owned =
  | { readonly kind: "text"; readonly text: Secret; readonly note: string | undefined }
  | { readonly kind: "rejected"; readonly reason: string };

/** A personal access token does not say whose it is. */
async function withKnownOwner({ clock, sendOut }: World, text: Secret, { importing }: One): Promise<Owned> {
  const parsed = loginFrom(text.reveal(), "");
  const isPersonal = !("reason" in parsed) && credentialKind(parsed.record.token) === "personal_token";
  if (!isPersonal || parsed.record.accountId !== undefined) return { kind: "text", text, note: undefined };
  if (!importing.mayAsk) {
    return { kind: "text", text, note: "its account is not known, since it was not checked" };
  }
  const { issuer } = importing.settings;
  const owner = await ownerOf(parsed.record.token, { send: sendOut(), clock, issuer, timeoutMs: TIMEOUT_MS });
  if (owner.kind === "known") return { kind: "text", text: withOwner(text, owner), note: undefined };
  if (owner.kind === "rejected") {
    return { kind: "rejected", reason: `${issuer} rejects its token (status 401)` };
  }
  return { kind: "text", text, note: `its account is not known, so requests may fail: ${owner.reason}` };
}

const TIMEOUT_MS = 10_000;

/** Renews a login of which there is only the refresh token, and imports it. @throws {@link UserError} when it cannot be written */
export async function renewOne(
  world: World,
  { text, label }: RefreshOnly,
  importing: Importing,
): Promise<OneOutcome> {
  const { clock, processes } = world;
  const { issuer, clientId, authDir } = importing.settings;
  const token = member(member(parseJson(text.reveal()), "tokens"), "refresh_token");
  if (typeof token !== "string") return skippedOne(label ?? "it", "there is no refresh token in it");
  const marks = renewalMarks(world);
  const deps = { marks, send: world.sendOnce(), clock, issuer, clientId };
  try {
    const renewed = await uninterrupted(
      processes,
      () =>
        renewNow(deps, new Secret(token), async (renewedText) => {
          const login = loginFrom(renewedText.reveal(), label ?? "login");
          if ("reason" in login) throw new UserError(`Cannot import the key: ${login.reason}`);
          const key = await write(world, login, { ...importing, isMove: false });
          return { ...key, path: `${authDir}/${key.record.file}` };
        }),
    );
    if (renewed.kind === "refused") return skippedOne(label ?? "a refresh token", renewed.reason);
    return { ...renewed.kept, notes: ["it was renewed: the program that had it has to log in again"] };
  } catch (error) {
    if (!(error instanceof KeptAsideError)) throw error;
    const why = error.cause instanceof Error ? error.cause.message : String(error.cause);
    throw new UserError(why, { hint: `the login was renewed and is in ${error.path}: import that file` });
  }
}

async function write(world: World, login: Login, importing: Importing): Promise<ImportedKey> {
  const { files, clock, processes } = world;
  const { settings } = importing;
  const { authDir } = settings;
  const { kind, file } = await uninterrupted(processes, async () => {
    await importing.prepare();
    const { name, replace, isMove } = importing;
    const marks = renewalMarks(world);
    const ownLogins = replace && !login.record.hasRefreshToken
      ? await filesWithOwnLogin({ ...world, marks }, authDir)
      : [];
    const options = { file: name, replace, takesOver: isMove, ownLogins };
    const text = newKeyText(login.text, settings);
    const imported = await importKey({ files, clock, authDir }, { ...login, text }, options);
    if (isMove) {
      const path = `${authDir}/${imported.file}`;
      await takeFromCodex(marks, login.text, { path, nowMs: clock.nowMs() });
    }
    return imported;
  });
  const how = kind === "add" ? "added" : kind === "replace" ? "replaced" : "already_there";
  return { how, record: { ...login.record, file } };
}
