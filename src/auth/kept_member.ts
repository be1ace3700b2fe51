/**
 * How an auth file says that its tokens are in the keyring of the system. Apart from what is done then, which most commands
 * need not load.
 * @module
 */

/** The member of an auth file that names its entry. */
export const KEPT_MEMBER = "cdx2_keyring";

/** Whether a text may name an entry, without reading it as JSON. */
export function mayNameEntry(text: string): boolean {
  return text.includes(`"${KEPT_MEMBER}"`);
}
