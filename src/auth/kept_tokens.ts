/**
 * Auth files whose tokens are in the keyring of the system. Such a file has a member that names the entry, and empty
 * texts where its tokens were; all the rest stays in it. This is decided by the file alone, never by a setting: the
 * keyring is asked exactly for the files that name an entry and hold no token. So a file that names an entry and has
 * its tokens still, or again, is complete, and moving the tokens may be interrupted anywhere. Pure.
 * @module
 */

import { createHash } from "node:crypto";
import { isObject, type Json, type JsonObject, member, parseJson, scalarText } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { TOKEN_BEGINNING, TOKEN_BEGINNINGS } from "../values/token_shape.ts";
import { editAuthFile, type MemberChange } from "./auth_file_edit.ts";
import { KEPT_MEMBER, mayNameEntry } from "./kept_member.ts";
import { SENT_NAMES } from "./token_names.ts";

/** Where the tokens of a file are. */
export interface KeptEntry {
  /** The name of the entry: letters and digits, which mean nothing. */
  readonly entry: string;
  /** Tells states of the entry apart; `undefined` when nothing has been put there yet. */
  readonly seal: string | undefined;
}

/** A file and its tokens, apart. */
export interface Separated {
  /** The text of the file, with empty texts where the tokens were. */
  readonly fileText: string;
  /** The tokens with their places, as one text. */
  readonly tokens: Secret;
}

/** The entry that an auth file names; `undefined` when it names none. */
export function keptEntry(text: string): KeptEntry | undefined {
  if (!mayNameEntry(text)) return undefined;
  const named = member(parseJson(text), KEPT_MEMBER);
  const [entry, seal] = [member(named, "entry"), member(named, "seal")];
  if (typeof entry !== "string" || !ENTRY.test(entry)) return undefined;
  return { entry, seal: typeof seal === "string" ? seal : undefined };
}

const ENTRY = /^[A-Za-z0-9]{8,64}$/;

/** Has the tokens of a file go to the keyring when it is written: names this entry, unless it names one already. */
export function withEntry(text: string, entry: string): string {
  return keptEntry(text) ? text : edited(text, [{ path: [KEPT_MEMBER], value: { entry } }]);
}

/** The text without the name of an entry: its tokens stay in the file when it is written. */
export function withoutEntry(text: string): string {
  return mayNameEntry(text) ? edited(text, [{ path: [KEPT_MEMBER], value: undefined }]) : text;
}

/** Whether an auth file holds tokens itself. */
export function holdsTokens(text: string): boolean {
  const json = parseJson(text);
  return isObject(json) && secretsIn(json).length > 0;
}

/** Takes the tokens out of a file that names an entry; `undefined` when there are none in it, or no entry. */
export function separated(text: string): Separated | undefined {
  const [json, named] = [parseJson(text), keptEntry(text)];
  if (!isObject(json) || !named) return undefined;
  const secrets = secretsIn(json);
  if (secrets.length === 0) return undefined;
  const tokens = JSON.stringify(secrets.map(({ path, value }) => [path, value]));
  const changes: MemberChange[] = [
    ...secrets.map(({ path }) => ({ path, value: "" })),
    { path: [KEPT_MEMBER], value: { entry: named.entry, seal: sealOf(tokens) } },
  ];
  const fileText = edited(text, changes);
  // Where a name is there twice, the editor changes only the one that counts.
  return {
    fileText: saysNoMore(fileText) ? fileText : JSON.stringify(parseJson(fileText), null, 2),
    tokens: new Secret(tokens),
  };
}

/** Whether a text has nothing in it that reading it does not show. */
function saysNoMore(text: string): boolean {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1") === JSON.stringify(parseJson(text));
}

/** The file as it is before its tokens are in the keyring: it names the entry, and no state of it. */
export function unsealed(fileText: string): string {
  return edited(fileText, [{ path: [KEPT_MEMBER, "seal"], value: undefined }]);
}

/** What tells this state of an entry from others; the tokens cannot be found out from it. */
export function sealOf(tokens: string): string {
  return createHash("sha256").update(tokens).digest("hex").slice(0, SEAL_DIGITS);
}

const SEAL_DIGITS = 16;

/** The text of a file with its tokens in their places; `undefined` when what is in the keyring is not ours. */
export function joined(fileText: string, tokens: Secret): string | undefined {
  const changes = readTokens(tokens);
  return changes && edited(fileText, changes);
}

/**
 * What the proxy's worker gets of the tokens: those that requests carry. The refresh token is only said to be there, and
 * the id token, which says whose key it is, loses its signature.
 */
export function tokensForServing(tokens: Secret): Secret | undefined {
  const changes = readTokens(tokens)?.flatMap(({ path, value }) => {
    const name = path.at(-1)!;
    if (SENT.has(name)) return [[path, value]];
    if (name === "refresh_token") return [[path, "in the keyring"]];
    return name === "id_token" ? [[path, scalarText(value).replace(/\.[^.]*$/, ".")]] : [];
  });
  return changes && new Secret(JSON.stringify(changes));
}

const SENT: ReadonlySet<string> = new Set(SENT_NAMES);

function readTokens(tokens: Secret): readonly MemberChange[] | undefined {
  const entries = parseJson(tokens.reveal());
  if (!Array.isArray(entries)) return undefined;
  const isPath = (path: unknown) =>
    Array.isArray(path) && path.length > 0 && path.every((name) => typeof name === "string");
  if (!entries.every((entry) => Array.isArray(entry) && isPath(entry[0]))) return undefined;
  return entries.map(([path, value]) => ({ path, value }));
}

type Path = MemberChange["path"];

interface FoundSecret {
  readonly path: Path;
  readonly value: Json;
}

/** Every member that holds a secret, in any tool's spelling. A list with one in it counts as a whole. */
function secretsIn(json: JsonObject, pathOf = (name: string): Path => [name]): readonly FoundSecret[] {
  return Object.entries(json).flatMap(([name, value]): readonly FoundSecret[] => {
    if (OPEN_NAMES.has(name)) return [];
    const path = pathOf(name);
    if (isObject(value)) return secretsIn(value, (inner) => [...path, inner]);
    const isSecret = textsIn(value).some((text) =>
      LOOKS_SECRET.test(text) || (NAMES_SECRET.test(name) && text.length >= MIN_SECRET_CHARS)
    );
    return isSecret ? [{ path, value: value as Json }] : [];
  });
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

const LOOKS_SECRET = new RegExp(
  String.raw`^(?:${TOKEN_BEGINNINGS.jwt}[\w-]+\.[\w-]+\.|${TOKEN_BEGINNING}[\w.~+/-]{8,}=*$)`,
);
const NAMES_SECRET =
  /^(?:access|refresh|key|token|secret|password)$|_(?:token|secret|key|password)s?$|(?:Token|Secret|Key|Password)s?$/i;
const MIN_SECRET_CHARS = 2;
// What users call their keys is shown, and never moved.
const OPEN_NAMES: ReadonlySet<string> = new Set([
  KEPT_MEMBER,
  "alias",
  "name",
  "label",
  "email",
  "account_id",
  "upstream",
  "models",
]);

function edited(text: string, changes: readonly MemberChange[]): string {
  const result = editAuthFile(text, changes);
  if (result.kind === "edited") return result.text;
  // One name twice, or the like: the layout is lost, not what the file says.
  const plain = editAuthFile(JSON.stringify(parseJson(text), null, 2), changes);
  return plain.kind === "edited" ? plain.text : text;
}
