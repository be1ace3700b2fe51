/**
 * Imports what was found in a source, one login after the other, and removes the source when the logins are taken over.
 * Nothing is ever revoked, and no token is renewed unless the user asks for it.
 * @module
 */

import { readCodexLogin, removeCodexKeyringEntry } from "../../credentials/codex_login.ts";
import type { FoundLogin } from "../../credentials/found_logins.ts";
import { hasRefreshToken } from "../../credentials/imported_login.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";
import {
  type ImportedKey,
  type Importing,
  importOne,
  type RefreshOnly,
  renewOne,
  type SkippedLogin,
  type Usable,
} from "./import_one.ts";
import type { ReadSource } from "./import_source.ts";

/** What came of an import. */
export interface ImportOutcome {
  /** At least one. */
  readonly keys: readonly ImportedKey[];
  readonly skipped: readonly SkippedLogin[];
  readonly notes: readonly string[];
}

/** Imports all logins of a source. @throws {@link UserError} when not one of them can be imported */
export async function importLogins(
  world: World,
  source: ReadSource,
  importing: Importing,
): Promise<ImportOutcome> {
  const { wanted, skipped } = sorted(source.logins, importing);
  refuseWhatCannotBe(source, importing, { wanted, skipped });
  const codex = await readCodexLogin(world);
  const keys: ImportedKey[] = [];
  const notes: string[] = [];
  for (const login of wanted) {
    const one = login.kind === "usable"
      ? await importOne(world, { login, source, importing, codex: codex?.login })
      : await renewOne(world, login, importing);
    if ("record" in one) keys.push(one);
    else skipped.push(one);
    for (const note of one.notes) notes.push(wanted.length > 1 ? `${nameOf(one)}: ${note}` : note);
  }
  const [first] = skipped;
  if (keys.length === 0 && first) {
    throw new UserError(`Cannot import ${first.label}: ${first.reason}`, { hint: hintOf(first) });
  }
  const moved = importing.isMove ? await removeSource(world, source, skipped.length === 0) : [];
  return { keys, skipped, notes: [...notes, ...moved, ...sharedNotes(source, importing, wanted)] };
}

interface Sorted {
  readonly wanted: readonly (Usable | RefreshOnly)[];
  readonly skipped: SkippedLogin[];
}

/** What is to be imported, and what is not. */
function sorted(logins: readonly FoundLogin[], { renewsNow }: Importing): Sorted {
  const wanted: (Usable | RefreshOnly)[] = [];
  const skipped: SkippedLogin[] = [];
  for (const login of logins) {
    const label = login.label ?? "it";
    if (login.kind === "skipped") skipped.push({ label, reason: login.reason, isForeign: login.isForeign });
    else if (login.kind === "usable" || renewsNow) wanted.push(login);
    else skipped.push({ label, reason: ONLY_REFRESH, isForeign: false });
  }
  return { wanted, skipped };
}

const ONLY_REFRESH =
  "only a refresh token, and no access token: it could be used only by renewing the login, which would end it for the " +
  "program that has it now";

function hintOf({ reason }: SkippedLogin): string | undefined {
  return reason === ONLY_REFRESH
    ? 'make a login for the proxy alone: "cdx2 auth login"; or renew this one, and end it there, with --renew-now'
    : undefined;
}

function nameOf(one: ImportedKey | SkippedLogin): string {
  return "record" in one ? one.record.file : one.label;
}

function refuseWhatCannotBe(
  { place, paths, isCodexs, isInAuthDir }: ReadSource,
  { isMove, name }: Importing,
  { wanted, skipped }: Sorted,
): void {
  const [first] = skipped;
  if (wanted.length === 0 && first) {
    throw new UserError(`Cannot import ${place}: ${first.reason}`, { hint: hintOf(first) });
  }
  if (name !== undefined && wanted.length > 1) {
    throw new UserError(`Cannot give one name to ${wanted.length} keys`, {
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
  wanted: readonly (Usable | RefreshOnly)[],
): string[] {
  const mayBeShared = source.isLive &&
    wanted.some(({ kind, text }) => kind === "usable" && hasRefreshToken(text));
  if (isMove || isBorrow || !mayBeShared) return [];
  const tool = source.tool ?? "the other program";
  return [
    `${tool} has the same login: when one of the two renews it, the other one's stops working; ` +
    "use --move to take it over, or --borrow to leave renewing to the other",
  ];
}
