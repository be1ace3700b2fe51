// A terminal that remembers what was written to it.

import type { Terminal } from "../../src/system/terminal.ts";

export class FakeTerminal implements Terminal {
  outText = "";
  errText = "";
  outIsTerminal = false;
  errIsTerminal = false;
  inIsTerminal = false;

  out(text: string): void {
    this.outText += text;
  }

  err(text: string): void {
    this.errText += text;
  }
}
