/**
 * A source file as the house checks see it: its code without what only looks like code, and its imports. A
 * small scanner instead of a parser: it knows comments, strings, templates and regular expressions, which is
 * all it takes.
 * @module
 */

export interface Import {
  /** The path from the project's root, or the specifier as it stands when it is not relative. */
  readonly target: string;
  readonly line: number;
  /** Gone at run time. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** `text` with comments and the insides of literals as spaces: same length, same lines. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** `path` is from the project's root, with forward slashes. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = blankLiterals(text);
  return { path, text, code, imports: findImports(path, text, code) };
}

/** The line, from 1, that a position in the text is on. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

// After one of these a slash divides; after anything else it begins a regular expression.
const ENDS_A_VALUE = /[\w$)\]}]$/;
const WORD_BEFORE_A_VALUE = /\b(?:return|typeof|case|in|of|do|else|await|yield|void|delete|instanceof)$/;

const COMMENT = /\/\/.*|\/\*[^]*?\*\//y;
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const REGEX = /\/(?![*\/])(?:[^\/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** Up to the closing backtick or the next `${`. */
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

function blankLiterals(text: string): string {
  const blanker = new Blanker(text);
  while (blanker.code.length < text.length) blanker.step();
  return blanker.code;
}

class Blanker {
  /** What has been read so far, blanked: its length is the position in the text. */
  code = "";
  readonly #text: string;
  /** For each template around the position, outermost first: the braces open in its current `${…}`. */
  readonly #openBraces: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  step(): void {
    if (this.#blank(COMMENT) || this.#blankInside(QUOTED)) return;
    if (!this.#isAfterValue() && this.#blank(REGEX)) return;
    const next = this.#keep(1);
    if (next === "`") this.#templateText();
    else if (next === "{") this.#countBrace(+1);
    else if (next === "}") this.#countBrace(-1);
  }

  #templateText(): void {
    this.#blank(TEMPLATE_TEXT);
    if (this.#keep(1) === "`") return;
    this.#keep(1);
    this.#openBraces.push(0);
  }

  #countBrace(change: number): void {
    const open = this.#openBraces.pop();
    if (open === undefined) return;
    if (open + change < 0) this.#templateText();
    else this.#openBraces.push(open + change);
  }

  #isAfterValue(): boolean {
    const before = this.code.slice(-200).trimEnd();
    return ENDS_A_VALUE.test(before) && !WORD_BEFORE_A_VALUE.test(before);
  }

  #keep(length: number): string {
    const kept = this.#text.slice(this.code.length, this.code.length + length);
    this.code += kept;
    return kept;
  }

  #blank(span: RegExp): boolean {
    const found = this.#find(span);
    this.code += found.replace(/[^\n]/g, " ");
    return found.length > 0;
  }

  #blankInside(quoted: RegExp): boolean {
    const found = this.#find(quoted);
    if (found.length > 0) this.code += found[0] + " ".repeat(found.length - 2) + found[0];
    return found.length > 0;
  }

  #find(span: RegExp): string {
    span.lastIndex = this.code.length;
    return span.exec(this.#text)?.[0] ?? "";
  }
}

// The clause may run over lines, but not into the next statement.
const IMPORT =
  /\b(?:import|export)\b(?<clause>(?:(?!\b(?:import|export)\b)[\w\s{},*$])*?\bfrom\s*|\s*\(\s*|\s+)"(?<specifier> +)"/g;

function findImports(path: string, text: string, code: string): Import[] {
  return [...code.matchAll(IMPORT)].map((found) => {
    const end = found.index + found[0].length - 1;
    const specifier = text.slice(end - found.groups!["specifier"]!.length, end);
    return {
      target: specifier.startsWith(".") ? new URL(specifier, `file:///${path}`).pathname.slice(1) : specifier,
      line: lineAt(text, found.index),
      isTypeOnly: namesOnlyTypes(found.groups!["clause"]!),
    };
  });
}

// `type { A, B } from` or `{ type A, type B } from`.
function namesOnlyTypes(clause: string): boolean {
  if (/^\s*type\s/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}/.exec(clause)?.[1]?.split(",").map((name) => name.trim()).filter(Boolean);
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}
