/**
 * Changes single members of an auth file and no other byte of it. An auth file belongs to the user and often to other
 * programs as well: their fields, the order and the layout stay as they are. A change counts only when reading the result
 * gives what was meant.
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, parseJson } from "../values/json.ts";

/** One member to set or to remove. */
export interface MemberChange {
  /** The names that lead to it, the outermost first: `["tokens", "access_token"]`. At least one. */
  readonly path: readonly [string, ...string[]];
  /** Its new value; `undefined` removes it. */
  readonly value: Json | undefined;
}

/** The text after the changes, or why they cannot be made. A reason completes "it cannot be changed: ". */
export type EditedText =
  | { readonly kind: "edited"; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The text of an auth file with the changes made, one after the other. What has the wanted value already, or is not
 * there to be removed, stays as it is, so that the text may be the same. A missing object on the way to a member is
 * made, also in the place of a `null`.
 */
export function editAuthFile(text: string, changes: readonly MemberChange[]): EditedText {
  let edited = text;
  for (const change of changes) {
    const json = parseJson(edited);
    if (!isObject(json)) return refused("it is not a JSON object");
    const wanted = withChange(json, change.path, change.value);
    if (wanted === undefined) return refused(`${change.path.slice(0, -1).join(".")} in it is not an object`);
    if (isDeepStrictEqual(wanted, json)) continue;
    edited = withMember(edited, change);
    if (!isDeepStrictEqual(parseJson(edited), wanted)) {
      return refused("the result would not read as it was meant");
    }
  }
  return { kind: "edited", text: edited };
}

function refused(reason: string): EditedText {
  return { kind: "refused", reason };
}

/** What the file is to say; `undefined` when something on the path is not an object. */
function withChange(
  json: JsonObject,
  [name, ...rest]: readonly string[],
  value: Json | undefined,
): JsonObject | undefined {
  // Built from entries, because a name can be `__proto__`.
  const entries = new Map(Object.entries(json));
  const [inner] = rest;
  if (inner === undefined) {
    if (value === undefined) entries.delete(name!);
    else entries.set(name!, value);
    return Object.fromEntries(entries);
  }
  const before = entries.get(name!) ?? {};
  if (!isObject(before)) return undefined;
  if (value === undefined && !entries.has(name!)) return json;
  const after = withChange(before, rest, value);
  if (after === undefined) return undefined;
  if (value !== undefined || isObject(entries.get(name!))) entries.set(name!, after);
  return Object.fromEntries(entries);
}

function withMember(text: string, { path, value }: MemberChange): string {
  const root = objectAt(text, text.indexOf("{"));
  const layout = layoutOf(text, root);
  let object = root;
  for (const [depth, name] of path.entries()) {
    const isLast = depth === path.length - 1;
    // Of two members with one name, the last one counts.
    const known = object.members.findLast((member) => member.name === name);
    if (known && !isLast && text[known.valueStart] === "{") {
      object = objectAt(text, known.valueStart);
      continue;
    }
    if (value === undefined) return isLast ? withoutMember(text, object, name) : text;
    const nested = path.slice(depth + 1).reduceRight<Json>((inner, outer) => ({ [outer]: inner }), value);
    const valueText = written(nested, layout, depth + 1);
    if (known) return text.slice(0, known.valueStart) + valueText + text.slice(known.valueEnd);
    return withAdded(text, object, {
      text: `${JSON.stringify(name)}${layout.colon}${valueText}`,
      layout,
      depth,
    });
  }
  return text;
}

function withAdded(
  text: string,
  { start, end, members }: ObjectText,
  added: { readonly text: string; readonly layout: Layout; readonly depth: number },
): string {
  const { layout, depth } = added;
  const last = members.at(-1);
  if (last) {
    const gapStart = members.length > 1 ? text.lastIndexOf(",", last.start) + 1 : start + 1;
    const gap = text.slice(gapStart, last.start);
    // Before an only member, the gap is that after the brace.
    const isTelling = members.length > 1 || /[\r\n]/.test(gap);
    const before = isTelling ? gap : layout.colon.slice(1);
    return `${text.slice(0, last.valueEnd)},${before}${added.text}${text.slice(last.valueEnd)}`;
  }
  const inside = `${lineStart(layout, depth + 1)}${added.text}${lineStart(layout, depth)}`;
  return text.slice(0, start + 1) + inside + text.slice(end);
}

/** Without any member of this name. */
function withoutMember(text: string, { start, end, members }: ObjectText, name: string): string {
  const index = members.findLastIndex((member) => member.name === name);
  const member = members[index];
  if (!member) return text;
  if (members.length === 1) return text.slice(0, start + 1) + text.slice(end);
  const [cutStart, cutEnd] = index > 0
    ? [members[index - 1]!.valueEnd, member.valueEnd]
    : [member.start, members[1]!.start];
  const shorter = text.slice(0, cutStart) + text.slice(cutEnd);
  return withoutMember(shorter, objectAt(shorter, start), name);
}

interface Member {
  readonly name: string;
  /** The offset of the quote that its name begins with. */
  readonly start: number;
  readonly valueStart: number;
  /** The offset after the last character of its value. */
  readonly valueEnd: number;
}

interface ObjectText {
  /** The offset of its opening brace. */
  readonly start: number;
  /** The offset of its closing brace. */
  readonly end: number;
  readonly members: readonly Member[];
}

// From here on the text is known to be JSON, so that only its structure is looked for.

function objectAt(text: string, start: number): ObjectText {
  const members: Member[] = [];
  let at = afterBlanks(text, start + 1);
  while (text[at] !== "}") {
    const nameEnd = valueEnd(text, at);
    const valueStart = afterBlanks(text, afterBlanks(text, nameEnd) + 1);
    const end = valueEnd(text, valueStart);
    members.push({ name: JSON.parse(text.slice(at, nameEnd)), start: at, valueStart, valueEnd: end });
    at = afterBlanks(text, end);
    if (text[at] === ",") at = afterBlanks(text, at + 1);
  }
  return { start, end: at, members };
}

/** The offset after the value that begins at `start`. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at];
    if (character === '"') at = textEnd(text, at);
    else {
      if (character === "{" || character === "[") depth++;
      else if (character === "}" || character === "]") depth--;
      else if (depth === 0) return plainEnd(text, at);
      at++;
    }
  } while (depth > 0);
  return at;
}

function textEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** The offset after a number, `true`, `false` or `null`. */
function plainEnd(text: string, start: number): number {
  let at = start;
  while (/[\w.+-]/.test(text.charAt(at))) at++;
  return at;
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  return at;
}

/** How the file is laid out, as its first member shows. */
interface Layout {
  /** Its line end; empty when it is on one line. */
  readonly lineEnd: string;
  /** One level of indentation. */
  readonly indent: string;
  /** What is between a name and its value. */
  readonly colon: string;
}

function layoutOf(text: string, { start, members: [first] }: ObjectText): Layout {
  if (!first) return { lineEnd: "", indent: "", colon: ": " };
  const [, lineEnd = "", indent = ""] = /(\r\n|\r|\n)([ \t]*)$/.exec(text.slice(start + 1, first.start)) ??
    [];
  const hasBlank = text[first.valueStart - 1] !== ":";
  return { lineEnd, indent, colon: hasBlank ? ": " : ":" };
}

function lineStart({ lineEnd, indent }: Layout, depth: number): string {
  return lineEnd === "" ? "" : lineEnd + indent.repeat(depth);
}

/** A value as it is written at this depth. */
function written(value: Json, layout: Layout, depth: number): string {
  if (layout.lineEnd === "") return JSON.stringify(value);
  return JSON.stringify(value, null, layout.indent).replaceAll("\n", lineStart(layout, depth));
}
