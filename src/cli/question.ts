/**
 * Questions that the user answers with yes or no.
 * @module
 */

import type { Terminal } from "../system/terminal.ts";

/**
 * Asks on the terminal. An empty line takes the answer that is written large; the end of the input (Ctrl-D), and any
 * other text than yes, is a no.
 */
export async function isAgreed(
  terminal: Pick<Terminal, "ask" | "err">,
  question: string,
  onEmptyLine: "yes" | "no",
): Promise<boolean> {
  const answer = await terminal.ask(`${question} ${onEmptyLine === "yes" ? "[Y/n]" : "[y/N]"} `);
  if (answer === undefined) {
    terminal.err("\n");
    return false;
  }
  const text = answer.trim();
  return text === "" ? onEmptyLine === "yes" : /^y(?:es)?$/i.test(text);
}
