/**
 * Where words go: the answer to stdout, all talk to stderr. Colour only repeats what the words say, and only where a
 * terminal shows it.
 * @module
 */

import { Ansis } from "ansis";
import { cellsOf, fitted } from "./cells.ts";
import type { Environment } from "../system/process.ts";
import type { Terminal } from "../system/terminal.ts";

/** What a person asked for, on the command line and in the environment. */
export interface OutputWish {
  readonly isQuiet: boolean;
  /** False after `--no-color`. */
  readonly allowsColour: boolean;
  readonly env: Environment;
}

/** Colours text for one stream, or leaves it as it is. */
export type Palette = InstanceType<typeof Ansis>;

export class Output {
  readonly palette: Palette;
  readonly isQuiet: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, wish: OutputWish) {
    this.#terminal = terminal;
    this.isQuiet = wish.isQuiet;
    this.palette = paletteFor(terminal.outIsTerminal, wish);
  }

  /** Answers with text that ends its own lines. */
  answer(text: string): void {
    this.#terminal.out(text);
  }

  /** Answers with one JSON value, over several lines so that a person can read it. */
  answerJson(value: unknown): void {
    this.#terminal.out(JSON.stringify(value, null, 2) + "\n");
  }

  /** Tells a person something beside the answer; `--quiet` keeps it in. */
  say(line: string): void {
    if (!this.isQuiet) this.#terminal.err(`${line}\n`);
  }
}

/** The palette of a stream. `NO_COLOR` counts when it is not empty, as no-color.org has it. */
export function paletteFor(
  isTerminal: boolean,
  { allowsColour, env }: Pick<OutputWish, "allowsColour" | "env">,
): Palette {
  const isColoured = isTerminal && allowsColour && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return new Ansis(isColoured ? 1 : 0);
}

/** Aligns rows of cells. Widths only grow, so that portions aligned one after the other stay in line. */
export class Columns {
  readonly #widths: number[] = [];

  /** One line a row, without its line end. */
  align(rows: readonly (readonly string[])[]): readonly string[] {
    for (const row of rows) {
      row.forEach((cell, column) => {
        this.#widths[column] = Math.max(this.#widths[column] ?? 0, cellsOf(cell));
      });
    }
    return rows.map((row) =>
      row.map((cell, column) => fitted(cell, this.#widths[column]!)).join("  ").trimEnd()
    );
  }
}
