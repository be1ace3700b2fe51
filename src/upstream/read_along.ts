/**
 * Reads a JSON answer along while it goes to the client, for the few small values at its beginning. The client gets
 * every chunk as it came; this costs what any relay in JavaScript costs, so it is for the answers alone from which
 * there is something to learn.
 * @module
 */

import type { AnswerBody } from "../system/http_connection.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { JsonOutline } from "./json_outline.ts";

// Ids come first in an answer; what follows in a longer one is what a model wrote.
const MAX_READ_BYTES = 256 * 1024;

/**
 * The body for the client; one that has come whole stays the same. `onOutline` is called with what is known of the JSON whenever more of it is known, before the
 * client gets the chunk with it.
 */
export function readAlong(
  body: ReadableStream<Uint8Array> | AnswerBody,
  onOutline: (outline: unknown) => void,
): ReadableStream<Uint8Array> {
  const json = new JsonOutline();
  const whole = "whole" in body ? body.whole : undefined;
  if (whole) {
    json.feed(whole, 0, Math.min(whole.length, MAX_READ_BYTES));
    if (json.count > 0) onOutline(json.value);
    return body;
  }
  const reader = new ChunkReader(body);
  let unreadBytes = MAX_READ_BYTES;
  return new ReadableStream({
    async pull(controller) {
      const chunk = await reader.read();
      if (chunk === undefined) return controller.close();
      if (unreadBytes > 0) {
        const known = json.count;
        json.feed(chunk, 0, Math.min(chunk.length, unreadBytes));
        unreadBytes -= chunk.length;
        if (json.count > known) onOutline(json.value);
      }
      controller.enqueue(chunk);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Whether an answer is one of JSON, by its `content-type`. */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}
