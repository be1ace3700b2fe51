/**
 * Files whose tokens may be in the keyring: who reads an auth file gets it with its tokens, and who writes one that names
 * an entry puts its tokens there. This is the one place that moves tokens between files and the keyring; all the rest of
 * the program reads and writes auth files as if the tokens were in them.
 *
 * Each step leaves a file that is complete by itself or by its entry, so the program may be killed between any two:
 * to the keyring, the file names the entry first, then the entry is written and read back, then the file loses its
 * tokens. Back, the file gets its tokens first, then the entry goes, then its name. New tokens replace an entry at once,
 * and the file gets the seal of that state last: by the seal others notice that it changed.
 * @module
 */

import { mayNameEntry } from "../auth/kept_member.ts";
import {
  holdsTokens,
  joined,
  type KeptEntry,
  keptEntry,
  separated,
  unsealed,
  withEntry,
} from "../auth/kept_tokens.ts";
import { FileError, type Files } from "../system/files.ts";
import type { Secret } from "../values/secret.ts";
import { KeyringError } from "./items.ts";
import type { Keyring } from "./keyring.ts";

/** Reads the tokens of an auth file that names this entry; `undefined` when the entry is not there. */
export type ReadTokens = (entry: KeptEntry) => Promise<Secret | undefined>;

/** The keyring refused the tokens of an auth file, or to give them. */
export class KeptTokensError extends FileError {
  /** `cannot` begins the message; `reason` is a clause about the keyring, with what the user can do. */
  constructor(cannot: string, readonly reason: string) {
    super("other", `${cannot}: ${reason}`);
  }
}

/** The files, with the tokens of auth files in the keyring. What fails there rejects as a {@link KeptTokensError}. */
export function keptFiles(files: Files, keyring: Pick<Keyring, "read" | "write" | "remove">): Files {
  const readTokens: ReadTokens = ({ entry, seal }) => keyring.read(entry, seal);
  return {
    ...files,
    readText: async (path, known) => await withTokens(path, await files.readText(path, known), readTokens),
    writeDurable: async (path, text) => {
      const before = mayNameEntry(text) ? "" : await files.readText(path).catch(() => "");
      const [wanted, left] = [keptEntry(text), keptEntry(before)];
      if (wanted) return await writeKept({ files, keyring }, path, text);
      if (left && holdsTokens(text)) return await leaveKeyring({ files, keyring }, { path, text, left });
      await files.writeDurable(path, text);
    },
  };
}

/** The text of an auth file with its tokens. @throws {FileError} when they cannot be had */
export async function withTokens(path: string, fileText: string, readTokens: ReadTokens): Promise<string> {
  const named = keptEntry(fileText);
  if (!named || holdsTokens(fileText)) return fileText;
  const tokens = await asFileError(`${path}: ${IN_KEYRING}`, () => readTokens(named));
  const text = tokens && joined(fileText, tokens);
  if (text !== undefined) return text;
  throw new FileError("other", `${path}: its tokens are no longer in the keyring of this user: log in again`);
}

const IN_KEYRING = "its tokens are in the keyring";

/** Why the keyring does not give the tokens of a file, from why it cannot be read; `undefined` for another reason. */
export function keyringReason(reason: string): string | undefined {
  return reason.split(`${IN_KEYRING}: `)[1];
}

interface Place {
  readonly files: Files;
  readonly keyring: Pick<Keyring, "write" | "remove">;
}

async function writeKept({ files, keyring }: Place, path: string, text: string): Promise<void> {
  const parts = separated(text);
  if (!parts) return await files.writeDurable(path, text);
  const { entry } = keptEntry(text)!;
  const before = await files.readText(path).catch(() => undefined);
  const isNamed = before !== undefined && keptEntry(before)?.entry === entry;
  if (!isNamed) {
    // A new login is never in a file, not for a moment.
    const isMoved = before !== undefined && holdsTokens(before);
    await files.writeDurable(path, isMoved ? withEntry(before, entry) : unsealed(parts.fileText));
  }
  try {
    await asFileError(
      `${path}: its tokens cannot go into the keyring`,
      () => keyring.write(entry, parts.tokens),
    );
  } catch (error) {
    if (!isNamed && before !== undefined) await files.writeDurable(path, before);
    throw error;
  }
  await files.writeDurable(path, parts.fileText);
}

async function leaveKeyring(
  { files, keyring }: Place,
  { path, text, left }: { readonly path: string; readonly text: string; readonly left: KeptEntry },
): Promise<void> {
  await files.writeDurable(path, withEntry(text, left.entry));
  await asFileError(`${path}: its tokens cannot leave the keyring`, () => keyring.remove(left.entry));
  await files.writeDurable(path, text);
}

async function asFileError<T>(cannot: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    const hint = error.hint === undefined ? "" : `; ${error.hint}`;
    throw new KeptTokensError(cannot, error.message + hint);
  }
}
