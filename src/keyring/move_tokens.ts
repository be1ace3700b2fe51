/**
 * Puts the tokens of a new key where they belong, and moves those of a key between its file and the keyring. The steps
 * of a move are those of kept_files.ts, which may be interrupted; the next move goes on from there.
 * @module
 */

import { asOnlyWriter, changeableFile, type WritableAuthDir } from "../auth/auth_file_change.ts";
import { type KeptEntry, keptEntry, separated, withEntry, withoutEntry } from "../auth/kept_tokens.ts";
import { isAuthFileName, parseAuthFile } from "../auth/record.ts";
import { FileError } from "../system/files.ts";
import { inBatches } from "../values/batches.ts";
import { Secret } from "../values/secret.ts";
import { UserError } from "../values/user_error.ts";
import { KeyringError } from "./items.ts";
import { KeptTokensError } from "./kept_files.ts";
import { type Keyring, newEntry } from "./keyring.ts";

/** Where tokens can be. */
export type TokenPlace = "keyring" | "file";

/**
 * The text to write for a new key: with its tokens where the setting wants them, wherever the login came from. `keyring`
 * says whether that is the keyring.
 */
export function newKeyText(text: Secret, { keyring }: { readonly keyring: boolean }): Secret {
  const plain = withoutEntry(text.reveal());
  return new Secret(keyring ? withEntry(plain, newEntry()) : plain);
}

/** What came of a move; a reason is a clause. */
export type MoveOutcome =
  | { readonly kind: "moved" | "there" }
  /** The file gives no key. */
  | { readonly kind: "not_a_key"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Which files name each entry of the keyring. */
export type NamedEntries = ReadonlyMap<string, readonly string[]>;

/** Reads them all, for moves of many files: reading them for each would take a time that grows with the square. */
export async function namedEntries(
  { files, authDir }: Pick<WritableAuthDir, "files" | "authDir">,
): Promise<NamedEntries> {
  const named = new Map<string, string[]>();
  const names = (await files.list(authDir)).filter(isAuthFileName);
  const texts = await inBatches(names, (name) => files.readText(`${authDir}/${name}`).catch(() => ""));
  for (const [index, text] of texts.entries()) {
    const entry = keptEntry(text)?.entry;
    if (entry !== undefined) named.getOrInsertComputed(entry, () => []).push(names[index]!);
  }
  return named;
}

/** What is moved, and where to. */
export interface Move {
  /** The auth file. */
  readonly file: string;
  /** Where its tokens are to be. */
  readonly to: TokenPlace;
  /** Of all files, as {@link namedEntries} reads them. */
  readonly entries: NamedEntries;
}

/**
 * Moves the tokens of one file; `place.files` are those of {@link keptFiles}.
 * @throws {@link UserError} when another program does not end writing into the auth dir
 */
export async function moveTokens(place: WritableAuthDir, move: Move): Promise<MoveOutcome> {
  const { file } = move;
  return await asOnlyWriter(place, async () => {
    try {
      return await moveAsOnlyWriter(place, move);
    } catch (error) {
      if (error instanceof UserError) return failed(error.message.replace(`Cannot change ${file}: `, ""));
      if (error instanceof FileError) return failed(error.message.replace(/^\/[^:]*: /, ""));
      throw error;
    }
  });
}

function failed(reason: string): MoveOutcome {
  return { kind: "failed", reason };
}

async function moveAsOnlyWriter(
  place: WritableAuthDir,
  { file, to, entries }: Move,
): Promise<MoveOutcome> {
  const { files } = place;
  const { path, text } = await changeableFile(place, file);
  const parsed = parseAuthFile(file, text);
  if (parsed.kind === "rejected") return { kind: "not_a_key", reason: parsed.reason };
  const named = keptEntry(text);
  if (to === "keyring") {
    if (named && isSealed(text, named)) return { kind: "there" };
    await files.writeDurable(path, withEntry(text, newEntry()));
    return { kind: "moved" };
  }
  if (!named) return { kind: "there" };
  const others = othersWithEntry(entries, file, named.entry);
  if (others.length > 0) return failed(`${others.join(", ")} names the same entry: remove one of them first`);
  await files.writeDurable(path, withoutEntry(text));
  return { kind: "moved" };
}

/** Whether the tokens of a text are those that its file knows to be in the keyring. */
function isSealed(text: string, { seal }: KeptEntry): boolean {
  const parts = separated(text);
  return seal !== undefined && parts !== undefined && keptEntry(parts.fileText)?.seal === seal;
}

/** The files that name the same entry, as copies do. */
function othersWithEntry(entries: NamedEntries, file: string, entry: string): readonly string[] {
  return (entries.get(entry) ?? []).filter((name) => name !== file);
}

/**
 * Removes the tokens of a file that is about to be removed, unless another file names them too. Resolves with a clause
 * about what could not be done; `undefined` when nothing is left.
 * @throws {FileError} when the auth dir cannot be read
 */
export async function forgetTokens(
  place: Pick<WritableAuthDir, "files" | "authDir"> & { readonly keyring: Pick<Keyring, "remove"> },
  file: string,
): Promise<string | undefined> {
  const { files, authDir, keyring } = place;
  try {
    const named = keptEntry(await files.readText(`${authDir}/${file}`));
    if (!named || othersWithEntry(await namedEntries(place), file, named.entry).length > 0) return undefined;
    await keyring.remove(named.entry);
    return undefined;
  } catch (error) {
    if (error instanceof KeyringError) return error.message;
    if (error instanceof KeptTokensError) return error.reason;
    // A file that cannot be read for another reason has nothing there.
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
