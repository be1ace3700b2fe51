/**
 * The version of the program, the same as in deno.json. Importing it from there would embed that file in the binary.
 * @module
 */

/** As `cdx2 --version` prints it. */
export const VERSION = "0.1.0";

const FILLED_AT_RELEASE = "@RELEASES_URL@";

/** The place of the releases; `undefined` for a build that was not made for one. */
export const RELEASES_URL: string | undefined = FILLED_AT_RELEASE.startsWith("@")
  ? undefined
  : FILLED_AT_RELEASE;
