/**
 * What a command prints: its answer on stdout, everything else on stderr. Colour only repeats what the text says, and
 * only on a terminal.
 * @module
 */

import { printable } from "./cells.ts";
import { wrapped } from "./line.ts";
import { type Palette, paletteOf } from "./palette.ts";
import type { Environment } from "../system/process.ts";
import type { Terminal } from "../system/terminal.ts";

/** How the user wants the output, from the command line and the environment. */
export interface OutputWish {
  /** True with `--quiet`: nothing but the answer and errors is printed. */
  readonly isQuiet: boolean;
  /** False with `--no-color`. */
  readonly allowsColour: boolean;
  readonly env: Environment;
}

/** The output of one command. */
export class Output {
  /** For the answer on stdout. */
  readonly palette: Palette;
  readonly isQuiet: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, wish: OutputWish) {
    this.#terminal = terminal;
    this.isQuiet = wish.isQuiet;
    this.palette = paletteFor(terminal.outIsTerminal, wish);
  }

  /** Prints part of the answer. The text ends its own lines. */
  print(text: string): void {
    this.#terminal.out(text);
  }

  /** Prints lines of the answer, which come without line ends. */
  printLines(lines: readonly string[]): void {
    this.print(lines.map((line) => `${line}\n`).join(""));
  }

  /** Prints the answer as one JSON value, indented so that it can be read. */
  printJson(value: unknown): void {
    this.#terminal.out(JSON.stringify(value, null, 2) + "\n");
  }

  /** Prints one line about what happens to stderr, made safe to print, unless `--quiet` is set. */
  info(line: string): void {
    if (!this.isQuiet) this.#terminal.err(`${messageLines(printable(line), this.#terminal).join("\n")}\n`);
  }

  /** Prints something that the user should know to stderr, unless `--quiet` is set. */
  note(text: string): void {
    this.info(`note: ${text}`);
  }
}

/** A message for stderr, as lines: broken between words where a terminal would break them anywhere. */
export function messageLines(
  text: string,
  { errIsTerminal, outSize }: Pick<Terminal, "errIsTerminal" | "outSize">,
): readonly string[] {
  return errIsTerminal && outSize !== undefined ? wrapped({ text, indent: 0 }, outSize.columns) : [text];
}

/** The palette of a stream. `NO_COLOR` counts when it is not empty (https://no-color.org). */
export function paletteFor(
  isTerminal: boolean,
  { allowsColour, env }: Pick<OutputWish, "allowsColour" | "env">,
): Palette {
  const isColoured = isTerminal && allowsColour && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return paletteOf(isColoured);
}
