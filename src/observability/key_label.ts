/**
 * What a key is called where no e-mail address may be: in metrics and in the usage history.
 * @module
 */

import { createHash } from "node:crypto";
import { remembered } from "../values/remembered.ts";

/** The name of the key file; one that holds an e-mail address becomes the beginning of its SHA-256. */
export function keyLabel(file: string): string {
  return file.includes("@") ? hashedLabel(file) : file;
}

const hashedLabel = remembered((file) =>
  `${createHash("sha256").update(file).digest("hex").slice(0, 12)}.json`
);
