/**
 * Writes an answer to a client, in as few writes as there can be: the head goes out with what of the body is there already.
 * @module
 */

import { type ChunkSource, wholeOf } from "./http_body.ts";
import type { HttpAnswer } from "./http.ts";
import { answerHead, type RequestHead } from "./server_head.ts";
import { type Wire, writeJoined } from "./wire.ts";

/** How an answer is written. */
export interface WritingOptions {
  /** Its body, as far as it did not come whole; `undefined` when there is none. */
  readonly source: ChunkSource | undefined;
  /** The request that it answers. */
  readonly asked: Pick<RequestHead, "method" | "isOld">;
  /** For an answer that has no date of its own. */
  readonly date: string;
  /** The connection ends with it. */
  readonly isLast: boolean;
}

const EMPTY = new Uint8Array(0);
const LATER = Symbol("later");

/**
 * Writes an answer. Whether another may follow on the connection.
 * @throws what the connection or the body does: then the client has to see that the answer is not whole
 */
export async function writeAnswer(
  wire: Wire,
  { status, headers, body }: HttpAnswer,
  { source, asked: { method, isOld }, date, isLast }: WritingOptions,
): Promise<boolean> {
  const declared = headers.get("content-length");
  const hasNone = method === "HEAD" || status < 200 || status === 204 || status === 304;
  const whole = !source || hasNone ? EMPTY : wholeOf(body);
  const isChunked = !whole && declared === null && !isOld;
  const endsWithConnection = isLast || (!whole && declared === null && isOld);
  const lines = endsWithConnection ? ["connection: close"] : isOld ? ["connection: keep-alive"] : [];
  if (isChunked) lines.push("transfer-encoding: chunked");
  if (whole && !hasNone && declared !== String(whole.length)) {
    // The headers of some Responses cannot be changed.
    if (declared === null) lines.push(`content-length: ${whole.length}`);
    else headers.set("content-length", String(whole.length));
  }
  const head = answerHead({ status, headers }, { date, lines });
  if (hasNone) source?.cancel();
  if (whole) await writeJoined(wire, head, [whole]);
  else await writeStream(wire, head, source!, isChunked ? "chunked" : Number(declared ?? NaN));
  return !endsWithConnection;
}

/** `framing`: the number of bytes that the head has named, `NaN` where the body ends with the connection. */
async function writeStream(
  wire: Wire,
  head: string,
  source: ChunkSource,
  framing: "chunked" | number,
): Promise<void> {
  const isChunked = framing === "chunked";
  let left = isChunked ? NaN : framing;
  let before = head;
  const reading = source.read();
  if (await Promise.race([reading, LATER]) === LATER) {
    await writeJoined(wire, head, []);
    before = "";
  }
  for (let chunk = await reading; chunk; chunk = await source.read()) {
    left -= chunk.length;
    if (left < 0) throw new Error("the body is longer than its head says");
    // An empty chunk would be the last one.
    if (chunk.length === 0) continue;
    const framing = isChunked ? `${chunk.length.toString(16)}\r\n` : "";
    await writeJoined(wire, before + framing, [chunk], isChunked ? "\r\n" : "");
    before = "";
  }
  if (left > 0) throw new Error("the body is shorter than its head says");
  await writeJoined(wire, isChunked ? `${before}0\r\n\r\n` : before, []);
}
