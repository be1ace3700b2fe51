/**
 * Which attempts the user means by a few characters: a key, a client, a model, a status, a path or a request id.
 * @module
 */

import { comparable } from "../../values/comparable.ts";
import type { AttemptRow } from "./data.ts";

/** A predicate for attempts that match each word of `text`; an empty text matches all. Case does not matter, nor how an accent is written. */
export function attemptFilter(text: string): (attempt: AttemptRow) => boolean {
  const words = comparable(text).split(" ").filter((word) => word !== "");
  return (attempt) => words.every((word) => matches(attempt, word));
}

// A status matches by its beginning, so that "4" and "4xx" find a class. So does an id: its digits would match any number.
function matches({ file, client, status, path, model, requestId }: AttemptRow, word: string): boolean {
  return [file, client, model, path].some((text) => comparable(text).includes(word)) ||
    (status !== undefined && String(status).startsWith(word.replace(/(?<=^\d)xx$/, ""))) ||
    requestId.startsWith(word) ||
    requestId.startsWith(`req_${word}`);
}
