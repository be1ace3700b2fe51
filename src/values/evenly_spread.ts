/**
 * A number that a name has for good, so that what many names do is spread evenly: over time, or over an order.
 * @module
 */

import { createHash } from "node:crypto";

/** From 0 up to 1, evenly spread over names; always the same for one name. */
export function evenlySpread(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;
}
