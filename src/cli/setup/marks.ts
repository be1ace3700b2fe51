/**
 * The marks by which lines of ours in Codex's `config.toml` are known. Apart from the edits, which need a parser of TOML:
 * `cdx2 doctor` only looks for them.
 * @module
 */

/** Stands at the end of each line of ours. */
export const MARK = "# set by cdx2 setup codex";
/** The first line of a file that was not there before. */
export const MADE_FILE = `# this file was made for Codex ${MARK}`;
/** Stands before each line of somebody else that is a comment while ours are there. */
export const REPLACED = "# replaced by cdx2 setup codex: ";

/** The lines of a text, with their ends. */
export function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** Whether the line is ours. */
export function isMarked(line: string): boolean {
  return line.trimEnd().endsWith(MARK);
}

/** Whether something in the file is by us. */
export function isRouted(text: string): boolean {
  return linesOf(text).some((line) => isMarked(line) || line.startsWith(REPLACED));
}

/** Whether the file was not there before the edit. */
export function wasMade(text: string): boolean {
  return linesOf(text).some((line) => line.trimEnd() === MADE_FILE);
}

/** The ports on this machine that the marked lines, or the base URL of the built-in provider, lead to. */
export function routedPorts(text: string): readonly number[] {
  const ports = linesOf(text).filter((line) => isMarked(line) || /^\s*openai_base_url\s*=/.test(line))
    .flatMap((line) =>
      /base_url\s*=\s*["']http:\/\/(?:localhost|127\.[\d.]+|\[::1\]):(\d+)/.exec(line)?.[1] ?? []
    );
  return [...new Set(ports)].map(Number);
}
