/**
 * The pieces of Markdown that the generated pages use.
 * @module
 */

/** Inline code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** A table. Pipes in a cell are escaped, and line breaks become spaces. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A fenced block of code. */
export function codeBlock(language: string, lines: readonly string[]): string {
  return ["```" + language, ...lines, "```"].join("\n");
}
