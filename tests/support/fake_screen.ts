// A screen that shows what a terminal would, and a keyboard in the hands of a test.

import { decodeKeys, type Key } from "../../src/system/keys.ts";
import type { Screen } from "../../src/system/screen.ts";
import type { TerminalSize } from "../../src/system/terminal.ts";

// A place to go to, something to clear, or text with its colours.
// deno-lint-ignore no-control-regex
const PIECES = /\x1b\[(?:(\d+);1H|(2[JK]))|((?:[^\x1b]|\x1b\[[\d;]*m)+)/g;

/** The lines that a terminal shows after it was sent `text`. It knows the sequences that we use, and no others. */
export function linesAfter(lines: readonly string[], text: string): readonly string[] {
  const shown = [...lines];
  let row = 0;
  for (const [, at, code, plain] of text.matchAll(PIECES)) {
    if (at) row = Number(at) - 1;
    else if (code === "2J") shown.fill("");
    else if (code === "2K") shown[row] = "";
    else shown[row] = (shown[row] ?? "") + plain!;
  }
  return shown;
}

export class FakeScreen implements Screen {
  lines: readonly string[] = [];
  isOpen = true;
  /** How often something was written. */
  writes = 0;
  readonly #pressed: Key[] = [];
  #next = Promise.withResolvers<void>();
  #onResize = () => {};
  #isHungUp = false;

  constructor(public size: TerminalSize = { columns: 80, rows: 24 }) {}

  write(text: string): void {
    this.writes++;
    this.lines = linesAfter(this.lines, text);
  }

  get keys(): AsyncIterable<Key> {
    return this.#readKeys();
  }

  onResize(act: () => void): void {
    this.#onResize = act;
  }

  close(): void {
    this.isOpen = false;
  }

  /** Types text; an escape sequence is a key. */
  press(text: string): void {
    this.#pressed.push(...decodeKeys(text, true).keys);
    this.#next.resolve();
  }

  /** Closes the terminal, as its window does. */
  hangUp(): void {
    this.#isHungUp = true;
    this.#next.resolve();
  }

  resize(size: TerminalSize): void {
    this.size = size;
    this.#onResize();
  }

  async *#readKeys(): AsyncGenerator<Key> {
    while (!this.#isHungUp) {
      yield* this.#pressed.splice(0);
      await this.#next.promise;
      this.#next = Promise.withResolvers();
    }
  }
}
