/**
 * Quotes any text as one literal word of a shell.
 * @module
 */

/** For sh, dash, bash, ksh and zsh. */
export function shQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For fish. */
export function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** For PowerShell, which treats typographic quotes like straight ones. */
export function powershellQuoted(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
}
