/**
 * Decodes what a terminal in raw mode sends into keys. An escape sequence begins with the byte of the Esc key itself,
 * so the end of a text may be undecided until more arrives.
 * @module
 */

/** One key press. Everything that is text is a `char`, also when a program uses it as a command. */
export type Key = { readonly kind: "char"; readonly char: string } | { readonly kind: NamedKey };

/** A key that is not text. */
export type NamedKey =
  | "up"
  | "down"
  | "page_up"
  | "page_down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "ctrl_c"
  | "ctrl_u";

/** The result of {@link decodeKeys}. */
export interface Decoded {
  readonly keys: readonly Key[];
  /** The beginning of an escape sequence; the caller puts it before what arrives next. */
  readonly rest: string;
}

// Only the last letter of a sequence counts, or its number when it ends in "~"; the parameters between them are about
// Shift, Alt and Ctrl. Terminals differ in how they send Home and End.
const SEQUENCE_KEYS: Readonly<Record<string, NamedKey>> = {
  A: "up",
  B: "down",
  H: "home",
  F: "end",
  "1~": "home",
  "4~": "end",
  "5~": "page_up",
  "6~": "page_down",
  "7~": "home",
  "8~": "end",
};

const CONTROL_KEYS: Readonly<Record<string, NamedKey>> = {
  "\x03": "ctrl_c",
  "\x08": "backspace",
  "\n": "enter",
  "\r": "enter",
  "\x15": "ctrl_u",
  "\x1b": "escape",
  "\x7f": "backspace",
};

// ECMA-48: CSI with parameters and a last byte; SS3 with one letter.
// deno-lint-ignore no-control-regex
const SEQUENCE = /\x1b(?:\[(?<number>\d*)[0-?]*[ -/]*(?<last>[@-~])|O(?<letter>[A-Z]))/y;
// deno-lint-ignore no-control-regex
const UNFINISHED_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*|O)?$/y;

/** Ignores keys without a use here. With `isWhole` nothing will follow, so a single Esc is the Esc key. */
export function decodeKeys(text: string, isWhole: boolean): Decoded {
  const keys: Key[] = [];
  for (let at = 0; at < text.length;) {
    SEQUENCE.lastIndex = UNFINISHED_SEQUENCE.lastIndex = at;
    const sequence = SEQUENCE.exec(text);
    if (!sequence && !isWhole && UNFINISHED_SEQUENCE.test(text)) return { keys, rest: text.slice(at) };
    const char = String.fromCodePoint(text.codePointAt(at)!);
    const key = sequence ? keyOfSequence(sequence.groups!) : keyOfChar(char);
    if (key) keys.push(key);
    at += (sequence?.[0] ?? char).length;
  }
  return { keys, rest: "" };
}

function keyOfSequence({ number, last, letter }: Readonly<Record<string, string>>): Key | undefined {
  const kind = SEQUENCE_KEYS[letter ?? (last === "~" ? `${number}~` : last!)];
  return kind && { kind };
}

function keyOfChar(char: string): Key | undefined {
  const kind = CONTROL_KEYS[char];
  if (kind) return { kind };
  return /\p{Cc}/u.test(char) ? undefined : { kind: "char", char };
}
