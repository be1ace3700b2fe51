/**
 * Names that members of a shared pool give themselves, as others take them.
 * @module
 */

const MAX_CHARS = 64;

/** The name without anything that could move a cursor or change the reading direction, and not longer than 64 characters. */
export function memberName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length <= MAX_CHARS ? plain : [...plain].slice(0, MAX_CHARS).join("");
}
