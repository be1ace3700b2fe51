/**
 * Writes an answer to a client, in as few writes as there can be: the head goes out with what of the body is there already.
 * @module
 */

import { free } from "../values/bytes.ts";
import { type Wire, writeAll } from "./connect.ts";
import { type ChunkSource, HttpBody } from "./http_body.ts";
import type { HttpAnswer } from "./http.ts";
import { encoded } from "./http_request.ts";
import { answerHead, type RequestHead } from "./server_head.ts";

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
// Joined with its head or its framing, a piece of this size costs less than another write.
const JOINED_MAX_BYTES = 128 * 1024;
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
  const whole = !source || hasNone ? EMPTY : body instanceof HttpBody ? body.whole : undefined;
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
  if (whole) await writePieces(wire, head, whole, "");
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
    await writeAll(wire, encoded(head, 0));
    before = "";
  }
  for (let chunk = await reading; chunk; chunk = await source.read()) {
    left -= chunk.length;
    if (left < 0) throw new Error("the body is longer than its head says");
    // An empty chunk would be the last one.
    if (chunk.length === 0) continue;
    if (isChunked) await writePieces(wire, `${before}${chunk.length.toString(16)}\r\n`, chunk, "\r\n");
    else await writePieces(wire, before, chunk, "");
    before = "";
  }
  if (left > 0) throw new Error("the body is shorter than its head says");
  const rest = isChunked ? `${before}0\r\n\r\n` : before;
  if (rest !== "") await writeAll(wire, encoded(rest, 0));
}

/** In one write, unless that would copy much. */
async function writePieces(wire: Wire, before: string, bytes: Uint8Array, after: string): Promise<void> {
  if (before === "" && after === "") return await writeAll(wire, bytes);
  if (bytes.length > JOINED_MAX_BYTES) {
    await writeAll(wire, encoded(before, 0));
    await writeAll(wire, bytes);
    if (after !== "") await writeAll(wire, encoded(after, 0));
    return;
  }
  const joined = encoded(before, bytes.length + after.length);
  joined.set(bytes, before.length);
  for (let at = 0; at < after.length; at++) joined[before.length + bytes.length + at] = after.charCodeAt(at);
  await writeAll(wire, joined);
  free(joined);
}
