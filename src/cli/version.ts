/**
 * The version of the program, the same as in deno.json: read from there, it would drag that file into the binary.
 * @module
 */

export const VERSION = "0.1.0";
