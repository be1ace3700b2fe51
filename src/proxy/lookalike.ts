/**
 * Paths that only look like one of ours: written in another case, with doubled or trailing slashes, or percent-encoded. Such a request was meant for
 * the proxy, so it must not travel to the upstream with a key. Pure.
 * @module
 */

import { remembered } from "../values/remembered.ts";

const MAX_ENCODINGS = 3;

/** Whether a path is not known as it stands, but the way that a browser or a human would read it. */
export function looksKnown(path: string, isKnown: (path: string) => boolean): boolean {
  return !isKnown(path) && isKnown(asRead(path));
}

const asRead = remembered((path) => {
  let plain = path;
  for (let times = 0; times < MAX_ENCODINGS && plain.includes("%"); times++) plain = decoded(plain);
  return plain.toLowerCase()
    .replace(/[\s\p{C}]+/gu, "")
    .replace(/[/\\]+/g, "/")
    .replace(/(?<=.)[/.;]+$/, "");
});

// Not decodeURIComponent(), which throws for what is not UTF-8.
function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
