/**
 * Edits the `config.toml` of Codex: lines of our own, each with a mark at its end, and nothing else. Codex writes this file
 * too, and keeps the comment of a line with its value, so a mark on each line lasts where a block between two marks would
 * swallow what Codex adds. An edit counts only when reading it back gives what was meant, as for `.env`.
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import { type Overrides, tomlValue } from "../codex/args.ts";
import { isMarked, linesOf, MADE_FILE, MARK, REPLACED, wasMade } from "./marks.ts";

/** What became of an edit. */
export type Edit =
  /** `added` and `replaced` are lines without their ends. */
  | {
    readonly kind: "edited";
    readonly text: string;
    readonly added: readonly string[];
    readonly replaced: readonly string[];
  }
  /** Somebody else has set these already, to other values; `NAME = VALUE` each. */
  | { readonly kind: "foreign"; readonly settings: readonly string[] }
  /** There is no place for this setting that leaves everything else as it is. */
  | { readonly kind: "no_place"; readonly setting: string }
  /** `reason` is the parser's. */
  | { readonly kind: "broken"; readonly reason: string };

/** `text` as it was before any edit of ours. */
export function unrouted(text: string): string {
  const kept = linesOf(text).filter((line) => !isMarked(line));
  const restored = kept.map((line) => line.startsWith(REPLACED) ? line.slice(REPLACED.length) : line).join(
    "",
  );
  // A marked line without an end was put after a last line without one.
  return isMarked(linesOf(text).at(-1) ?? "") && !text.endsWith("\n")
    ? restored.replace(/\r?\n$/, "")
    : restored;
}

/** The profiles in these settings that name a provider of their own, and so lead past the proxy. */
export function strayProfiles(text: string): readonly string[] {
  const profiles = read(text)?.["profiles"];
  if (!isTable(profiles)) return [];
  return Object.entries(profiles).filter(([, profile]) => isStray(profile)).map(([name]) => name);
}

/** Whether the settings of a profile, which in Codex 0.169.0 are a file of their own, lead past the proxy. */
export function isStrayProfile(text: string): boolean {
  return isStray(read(text));
}

function isStray(profile: unknown): boolean {
  return isTable(profile) && ("model_provider" in profile || "openai_base_url" in profile);
}

/**
 * `text` with these settings instead of those of an earlier edit. A setting of somebody else with another value is left
 * alone and reported, or with `replace` made a comment.
 * @param text `undefined` when there is no such file
 */
export function routed(
  text: string | undefined,
  wanted: Overrides,
  { replace }: { readonly replace: boolean },
): Edit {
  let edited = text === undefined || wasMade(text) ? `${MADE_FILE}\n${unrouted(text ?? "")}` : unrouted(text);
  try {
    parse(edited, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    return { kind: "broken", reason: firstLine(error) };
  }
  const settings = Object.entries(wanted).map(([name, value]) => ({ path: name.split("."), value }));
  const foreign = settings.filter(({ path, value }) => {
    const present = valueAt(edited, path);
    return present !== undefined && present !== value;
  });
  // Who had them replaced once need not say so again.
  const mayReplace = replace || linesOf(text ?? "").some((line) => line.startsWith(REPLACED));
  if (foreign.length > 0 && !mayReplace) {
    const asText = ({ path }: Assignment) => `${path.join(".")} = ${shown(valueAt(edited, path))}`;
    return { kind: "foreign", settings: foreign.map(asText) };
  }
  for (const setting of settings) {
    if (valueAt(edited, setting.path) === setting.value) continue;
    const free = valueAt(edited, setting.path) === undefined ? edited : commentedOut(edited, setting.path);
    const next = free === undefined ? undefined : placed(free, setting);
    if (next === undefined) return { kind: "no_place", setting: setting.path.join(".") };
    edited = next;
  }
  const lines = linesOf(edited).map((line) => line.trimEnd());
  return {
    kind: "edited",
    text: edited,
    added: lines.filter(isMarked),
    replaced: lines.filter((line) => line.startsWith(REPLACED)).map((line) => line.slice(REPLACED.length)),
  };
}

interface Assignment {
  readonly path: readonly string[];
  readonly value: string | boolean;
}

type Table = Readonly<Record<string, unknown>>;

/** At the top, where no table has begun; else below the header of a table that the setting belongs to. */
function placed(text: string, { path, value }: Assignment): string | undefined {
  const wanted = withValue(read(text)!, path, value);
  const isRight = (candidate: string) => isDeepStrictEqual(read(candidate), wanted);
  return edits(text, { path, value }).find(isRight);
}

function edits(text: string, { path, value }: Assignment): readonly string[] {
  const lineFor = (names: readonly string[]) => `${names.join(".")} = ${tomlValue(value)} ${MARK}`;
  const lines = linesOf(text);
  const ownLines = lines.findIndex((line) => !isMarked(line));
  const top = inserted(lines, ownLines === -1 ? lines.length : ownLines, lineFor(path));
  const belowHeaders = path.slice(1).flatMap((_, index) => {
    const [parent, rest] = [path[index]!, path.slice(index + 1)];
    return lines.flatMap((line, at) =>
      /^\s*\[[^[]/.test(line) && line.includes(parent) ? [inserted(lines, at + 1, lineFor(rest))] : []
    );
  });
  return [top, ...belowHeaders];
}

function inserted(lines: readonly string[], at: number, line: string): string {
  const [before, after] = [lines.slice(0, at).join(""), lines.slice(at).join("")];
  const lineEnd = /\r?\n/.exec(lines[0] ?? "")?.[0] ?? "\n";
  return before === "" || before.endsWith("\n")
    ? before + line + lineEnd + after
    : before + lineEnd + line + after;
}

// A value can go on over lines: in an array, or between three quotes.
const LONGEST_VALUE_LINES = 200;

/** The lines that set this made comments; `undefined` when they set something else as well. */
function commentedOut(text: string, path: readonly string[]): string | undefined {
  const wanted = withoutEmptyTables(withValue(read(text)!, path, undefined));
  const lines = linesOf(text);
  for (const [first, line] of lines.entries()) {
    if (!new RegExp(`${path.at(-1)}["']?\\s*=`).test(line) || isMarked(line)) continue;
    for (let end = first + 1; end <= Math.min(lines.length, first + LONGEST_VALUE_LINES); end++) {
      const candidate = lines.map((line, at) => at >= first && at < end ? REPLACED + line : line).join("");
      if (isDeepStrictEqual(withoutEmptyTables(read(candidate)), wanted)) return candidate;
    }
  }
  return undefined;
}

function read(text: string): Table | undefined {
  try {
    // The parser's tables have no prototype, and a comparison would find that they differ from ours.
    return structuredClone(parse(text, { integersAsBigInt: "asNeeded" }));
  } catch {
    return undefined;
  }
}

function valueAt(text: string, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => isTable(at) ? at[name] : undefined, read(text));
}

function withValue(table: Table, [name = "", ...rest]: readonly string[], value: unknown): Table {
  const inner = table[name];
  if (rest.length > 0) return { ...table, [name]: withValue(isTable(inner) ? inner : {}, rest, value) };
  const { [name]: _, ...others } = table;
  return value === undefined ? others : { ...others, [name]: value };
}

function withoutEmptyTables(value: unknown): unknown {
  if (!isTable(value)) return value;
  const kept = Object.entries(value).map(([name, inner]) => [name, withoutEmptyTables(inner)] as const);
  return Object.fromEntries(kept.filter(([, inner]) => !isTable(inner) || Object.keys(inner).length > 0));
}

// A date is an object too, and so is an array.
function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function shown(value: unknown): string {
  return isTable(value) ? "{…}" : JSON.stringify(value) ?? String(value);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!.replace(/:$/, "");
}
