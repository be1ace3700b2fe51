/**
 * What users call a key: its file, the file without `.json`, its alias, or its e-mail when no other key has it. Every
 * command, flag and header looks a key up here. Pure.
 * @module
 */

import { firstFew } from "../values/first_few.ts";
import { comparable } from "../values/comparable.ts";

/** What a key can be called by. */
export interface NamedKey {
  /** The name of its auth file. */
  readonly file: string;
  /** `undefined` when its file names none, or gives no key. */
  readonly email: string | undefined;
  /** What its file says that the user calls it; `undefined` when it does not. */
  readonly alias: string | undefined;
}

/** What a name means. */
export type Named<Key> =
  | { readonly kind: "one"; readonly key: Key }
  /** More than one key can be meant, or none is. */
  | { readonly kind: "none" | "several"; readonly problem: NameProblem };

/** Why a name does not mean one key. */
export interface NameProblem {
  /** `no key is called "x"`. */
  readonly reason: string;
  /** The names that would do. */
  readonly hint: string;
}

/** The key that `name` means. Small and capital letters are the same in an alias and in an e-mail. */
export function keyCalled<Key extends NamedKey>(name: string, keys: readonly Key[]): Named<Key> {
  const exact = keys.find(({ file }) => file === name);
  if (exact) return { kind: "one", key: exact };
  const ways = [
    keys.filter(({ file }) => file === `${name}.json`),
    keys.filter(({ file }) => isWrittenAs(file, name) || isWrittenAs(file, `${name}.json`)),
    keys.filter(({ alias }) => isSameName(alias, name)),
    keys.filter(({ email }) => isSameName(email, name)),
  ];
  // An e-mail of several keys names none of them, so that it does not get in the way of a file of this name.
  const telling = ways.filter(({ length }) => length === 1).flat();
  const meant = [...new Set(telling.length > 0 ? telling : ways.flat())];
  const [found] = meant;
  if (!found) return { kind: "none", problem: unknownName(name, keys) };
  return meant.length > 1
    ? { kind: "several", problem: ambiguousName(name, meant) }
    : { kind: "one", key: found };
}

/** A file's name in other characters for the same accents. Case matters: two files can differ in it. */
function isWrittenAs(file: string, name: string): boolean {
  return file.normalize("NFC") === name.normalize("NFC");
}

function isSameName(known: string | undefined, name: string): boolean {
  return known !== undefined && comparable(known) === comparable(name);
}

function unknownName(name: string, keys: readonly NamedKey[]): NameProblem {
  const hint = keys.length === 0 ? "there are no keys at all" : `the keys are ${listText(keys)}`;
  return { reason: `no key is called ${JSON.stringify(name.slice(0, MAX_SHOWN_CHARS))}`, hint };
}

function ambiguousName(name: string, meant: readonly NamedKey[]): NameProblem {
  return {
    reason: `${JSON.stringify(name)} can mean several keys: ${meant.map(({ file }) => file).join(", ")}`,
    hint: "name one of these files",
  };
}

const MAX_SHOWN_CHARS = 100;
const MAX_LISTED = 12;

/** `work.json (main, ann@example.com), lab.json`; of many keys the first ones. */
function listText(keys: readonly NamedKey[]): string {
  return firstFew(keys, MAX_LISTED, ({ file, alias, email }) => {
    const others = [alias, email].filter((name) => name !== undefined);
    return others.length > 0 ? `${file} (${others.join(", ")})` : file;
  });
}
