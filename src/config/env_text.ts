/**
 * Reads the `.env` file, exactly as dotenv 18 does: the tests compare the two. Every command reads it, and loading the
 * package took each 1 ms. Editing it is apart (env_file.ts), because few commands do.
 * @module
 */

/**
 * One assignment, in text with single line feeds: the pattern of dotenv with names for its groups. A line inside a value of
 * several lines can look like an assignment, and only this grammar tells the two apart.
 */
export const ASSIGNMENT =
  /^\s*(?:export\s+)?(?<name>[\w.-]+)(?<separator>\s*=\s*?|:\s+?)(?<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm;

/** The text with every line end as a single line feed, which is what {@link ASSIGNMENT} is for. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Names and values: of two assignments the last one counts, and lines that cannot be read are skipped. */
export function readEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { groups } of withLineFeeds(text).matchAll(ASSIGNMENT)) {
    values[groups!["name"]!] = unquoted((groups!["value"] ?? "").trim());
  }
  return values;
}

// In each line that begins with a quote, as dotenv has it.
function unquoted(spelling: string): string {
  const inner = spelling.replace(/^(['"`])([\s\S]*)\1$/gm, "$2");
  return spelling.startsWith('"') ? inner.replace(/\\n/g, "\n").replace(/\\r/g, "\r") : inner;
}
