/**
 * What the system says when something fails.
 * @module
 */

/** The reason in a message of Deno's, without its number and what comes after it: `Broken pipe (os error 32)`, `broken pipe`. */
export function osReason(message: string): string {
  return message.replace(/\s*\(os error \d+\).*$/s, "").trim().toLowerCase();
}
