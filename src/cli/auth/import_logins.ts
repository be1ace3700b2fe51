/**
 * Imports what was found in a source, one login after the other: decides how each comes in, checks it, writes it, and
 * removes the source when the logins are taken over. Nothing is ever revoked, and no token is renewed.
 * @module
 */

import { credentialKind } from "../../auth/credential_kind.ts";
import { importKey } from "../../auth/folder.ts";
import { type Login, loginFrom } from "../../auth/folder_plan.ts";
import type { AuthRecord } from "../../auth/record.ts";
import type { Settings } from "../../config/settings.ts";
import { renewalFolder } from "../../config/paths.ts";
import { readCodexLogin, removeCodexKeyringEntry } from "../../credentials/codex_login.ts";
import type { FoundLogin } from "../../credentials/found_logins.ts";
import { type HeldLogin, heldLogin, isSameLine } from "../../credentials/held_login.ts";
import { hasRefreshToken, importedText, withOwner } from "../../credentials/imported_login.ts";
import { noteAboutRenewal, takeFromCodex } from "../../credentials/import_marks.ts";
import { uninterrupted } from "../../credentials/login_store.ts";
import { RenewalMarks } from "../../credentials/renewal_marks.ts";
import { ownerOf } from "../../credentials/whoami.ts";
import { member, parseJson } from "../../values/json.ts";
import type { Secret } from "../../values/secret.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";
import { type Checked, checkKey } from "./import_check.ts";
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

/** What came of an import. */
export interface ImportOutcome {
  /** At least one. */
  readonly keys: readonly ImportedKey[];
  readonly skipped: readonly SkippedLogin[];
  readonly notes: readonly string[];
}

type Usable = Extract<FoundLogin, { kind: "usable" }>;

/** Imports all logins of a source. @throws {@link UserError} when not one of them can be imported */
export async function importLogins(
  world: World,
  source: ReadSource,
  importing: Importing,
): Promise<ImportOutcome> {
  const usable = source.logins.filter((login): login is Usable => login.kind === "usable");
  const skipped = source.logins.filter(({ kind }) => kind !== "usable").map(skippedLogin);
  refuseWhatCannotBe(source, importing, { usable, skipped });
  const codex = await readCodexLogin(world);
  const keys: ImportedKey[] = [];
  const notes: string[] = [];
  for (const login of usable) {
    const one = await importOne(world, { login, source, importing, codex: codex?.login });
    if ("record" in one) keys.push(one);
    else skipped.push(one);
    notes.push(...one.notes.map((note) => usable.length > 1 ? `${nameOf(one)}: ${note}` : note));
  }
  const [first] = skipped;
  if (keys.length === 0 && first) {
    throw new UserError(`Cannot import ${first.label}: ${first.reason}`, { hint: hintOf(first) });
  }
  if (importing.isMove) notes.push(...await removeSource(world, source, skipped.length === 0));
  return { keys, skipped, notes: [...notes, ...sharedNotes(source, importing, usable)] };
}

function skippedLogin(login: FoundLogin): SkippedLogin {
  const label = login.label ?? "it";
  return login.kind === "skipped"
    ? { label, reason: login.reason, isForeign: login.isForeign }
    : { label, reason: ONLY_REFRESH, isForeign: false };
}

const ONLY_REFRESH =
  "only a refresh token, and no access token: it could be used only by renewing the login, which would end it for the " +
  "program that has it now";

function hintOf({ reason }: SkippedLogin): string | undefined {
  return reason === ONLY_REFRESH ? 'make a login for the proxy alone: "cdx2 auth login"' : undefined;
}

function nameOf(one: ImportedKey | SkippedLogin): string {
  return "record" in one ? one.record.file : one.label;
}

interface Sorted {
  readonly usable: readonly Usable[];
  readonly skipped: readonly SkippedLogin[];
}

function refuseWhatCannotBe(
  { place, paths, isCodexs, isInAuthDir }: ReadSource,
  { isMove, name }: Importing,
  { usable, skipped }: Sorted,
): void {
  const [first] = skipped;
  if (usable.length === 0 && first) {
    throw new UserError(`Cannot import ${place}: ${first.reason}`, { hint: hintOf(first) });
  }
  if (name !== undefined && usable.length > 1) {
    throw new UserError(`Cannot give one name to ${usable.length} keys`, {
      hint: "leave out --name, and give names with auth rename",
      exitCode: 2,
    });
  }
  if (!isMove) return;
  if (isInAuthDir) {
    throw new UserError(`Cannot move ${place}: it is in the auth dir already`, {
      hint: "leave out --move",
      exitCode: 2,
    });
  }
  if (paths.length === 0 && !isCodexs) {
    throw new UserError(`Cannot move a login out of ${place}`, { hint: "leave out --move", exitCode: 2 });
  }
  if (first) {
    throw new UserError(`Cannot move ${place}: ${first.label} would be lost: ${first.reason}`, {
      hint: "leave out --move: then the file stays",
    });
  }
}

interface One {
  readonly login: Usable;
  readonly source: ReadSource;
  readonly importing: Importing;
  /** Codex's own login; `undefined` when it has none. */
  readonly codex: HeldLogin | undefined;
}

type OneOutcome = (ImportedKey | SkippedLogin) & { readonly notes: readonly string[] };

async function importOne(world: World, one: One): Promise<OneOutcome> {
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
  const { upstream, isMove } = importing;
  const owned = await withKnownOwner(
    world,
    importedText(login.text, { isBorrowed, isMoved: isMove, upstream }),
    one,
  );
  if (owned.kind === "rejected") return skippedOne(label, owned.reason);
  const parsed = loginFrom(owned.text.reveal(), login.label ?? source.fallbackName);
  if ("reason" in parsed) return skippedOne(label, parsed.reason);
  const checked = await check(world, parsed, importing);
  if (checked.kind === "rejected") return skippedOne(label, checked.reason);
  try {
    const key = await write(world, parsed, importing);
    const marks = new RenewalMarks(world.files, renewalFolder(world.env, world.homeFolder));
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

async function check(world: World, { text, record }: Login, importing: Importing): Promise<Checked> {
  const own = member(parseJson(text.reveal()), "upstream");
  const upstream = typeof own === "string" && URL.canParse(own) ? own : undefined;
  const { settings, mayAsk } = importing;
  return await checkKey(world, record, { upstream, settings, mayAsk, send: world.sendOut() });
}

async function write(world: World, login: Login, importing: Importing): Promise<ImportedKey> {
  const { files, clock, processes } = world;
  const { authDir } = importing.settings;
  const { kind, file } = await uninterrupted(processes, async () => {
    await importing.prepare();
    const options = { file: importing.name, replace: importing.replace, takesOver: importing.isMove };
    const imported = await importKey({ files, clock, authDir }, login, options);
    if (importing.isMove) {
      const marks = new RenewalMarks(files, renewalFolder(world.env, world.homeFolder));
      const path = `${authDir}/${imported.file}`;
      await takeFromCodex(marks, login.text, { path, nowMs: clock.nowMs() });
    }
    return imported;
  });
  const how = kind === "add" ? "added" : kind === "replace" ? "replaced" : "already_there";
  return { how, record: { ...login.record, file } };
}

async function removeSource(world: World, source: ReadSource, isWhole: boolean): Promise<readonly string[]> {
  if (!isWhole) return [`${source.place} stays, since not all of it was imported`];
  for (const path of source.paths) await world.files.remove(path);
  if (source.paths.length === 0 && !(await removeCodexKeyringEntry(world))) {
    return [
      `${source.place} could not be removed: Codex has this login as well, so the proxy does not renew it`,
    ];
  }
  return [
    `removed ${source.place}: no other program holds this login any more, and none was ended`,
    ...(source.isCodexs
      ? ["a Codex that runs at this moment still has it: end it before it renews the login"]
      : []),
  ];
}

// Two programs that renew one login end it for each other.
function sharedNotes(
  source: ReadSource,
  { isMove, isBorrow }: Importing,
  usable: readonly Usable[],
): string[] {
  const mayBeShared = source.isLive && usable.some(({ text }) => hasRefreshToken(text));
  if (isMove || isBorrow || !mayBeShared) return [];
  const tool = source.tool ?? "the other program";
  return [
    `${tool} has the same login: when one of the two renews it, the other one's stops working; ` +
    "use --move to take it over, or --borrow to leave renewing to the other",
  ];
}
