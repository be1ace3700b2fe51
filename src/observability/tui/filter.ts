/**
 * Which attempts a person means who types a few characters: a key, a status, a path or a request id.
 * @module
 */

import type { AttemptRow } from "./data.ts";

/** Each word of `text` must fit; an empty text lets all through. Upper and lower case are the same. */
export function attemptFilter(text: string): (attempt: AttemptRow) => boolean {
  const words = text.toLowerCase().split(" ").filter((word) => word !== "");
  return (attempt) => words.every((word) => fits(attempt, word));
}

// A status by its beginning, so that "4" and "4xx" find a class; an id too, since its digits would fit any number.
function fits({ file, status, path, requestId }: AttemptRow, word: string): boolean {
  return file.toLowerCase().includes(word) ||
    path.toLowerCase().includes(word) ||
    (status !== undefined && String(status).startsWith(word.replace(/(?<=^\d)xx$/, ""))) ||
    requestId.startsWith(word) ||
    requestId.startsWith(`req_${word}`);
}
