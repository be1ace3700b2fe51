/**
 * Any text as one literal word of a shell.
 * @module
 */

/** For sh, dash, bash and zsh. */
export function shQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** PowerShell takes typographic quotes for straight ones. */
export function powershellQuoted(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
}
