/**
 * Texts that look alike to a user: small and capital letters, and accents that are written as one character or as two.
 * macOS writes the accents in a file's name as characters of their own, a keyboard does not.
 * @module
 */

/** The form in which texts that a user takes for the same are equal. */
export function comparable(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
