// A terminal that remembers what was written to it, and types what it is told to.

import type { Terminal, TerminalSize } from "../../src/system/terminal.ts";

export class FakeTerminal implements Terminal {
  outText = "";
  errText = "";
  outIsTerminal = false;
  errIsTerminal = false;
  inIsTerminal = false;
  outSize: TerminalSize | undefined;
  /** What standard input holds: all of it, or one line for each question. */
  inText = "";
  /** The user presses Ctrl-D at the next question. */
  inEnds = false;

  out(text: string): void {
    this.outText += text;
  }

  err(text: string): void {
    this.errText += text;
  }

  readIn(maxBytes: number): Promise<string> {
    return Promise.resolve(this.inText.slice(0, maxBytes));
  }

  ask(question: string): Promise<string | undefined> {
    this.err(question);
    if (this.inEnds) return Promise.resolve(undefined);
    const [line = "", ...rest] = this.inText.split("\n");
    this.inText = rest.join("\n");
    return Promise.resolve(line);
  }

  async askHidden(question: string): Promise<string> {
    return await this.ask(question) ?? "";
  }
}
