/**
 * The version of the program, the same as in deno.json. Importing it from there would embed that file in the binary.
 * @module
 */

/** As `cdx2 --version` prints it. */
export const VERSION = "0.1.0";
