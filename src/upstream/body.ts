/**
 * Reads a body once: a request's, so that every attempt sends the same bytes, or an answer's, so that it can be kept.
 * @module
 */

import { joined } from "../values/bytes.ts";

/** What a body is read from: a Request, or what has its parts. */
export interface BodySource {
  /** For the declared length. */
  readonly headers: Headers;
  /** Null when there is none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Reads all of it at once; absent: it is only read chunk by chunk. */
  bytes?(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What came of reading a body. */
export type BodyReading =
  | { readonly kind: "read"; readonly bytes: Uint8Array<ArrayBuffer> | undefined }
  | { readonly kind: "too_large" }
  /** The sender disconnected, or the body broke off. */
  | { readonly kind: "broken" };

// A body of this declared length is read at once, which takes a third of the time. Of larger ones, bytes() makes copies:
// in Deno 2.9 it is ten times slower at 5 MB.
const AT_ONCE_MAX_BYTES = 256 * 1024;
// Enough to let a client finish that is over the limit by mistake.
const DISCARD_MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads a body of at most `maxBytes`. `bytes` is `undefined` when there is none. Of a body that is too large the rest
 * stays unread, or all of it when its declared length says so.
 */
export async function readBody(source: BodySource, maxBytes: number): Promise<BodyReading> {
  // 0 also for a length that is not declared.
  const length = Number(source.headers.get("content-length"));
  if (length > maxBytes) return { kind: "too_large" };
  if (!source.body) return { kind: "read", bytes: undefined };
  if (source.bytes && length > 0 && length <= AT_ONCE_MAX_BYTES) {
    return await source.bytes().then((bytes) => ({ kind: "read", bytes }), () => ({ kind: "broken" }));
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const chunk of source.body.values({ preventCancel: true })) {
      size += chunk.length;
      if (size > maxBytes) return { kind: "too_large" };
      chunks.push(chunk);
    }
  } catch {
    return { kind: "broken" };
  }
  return { kind: "read", bytes: joined(chunks) };
}

/**
 * Reads on to the end of a body and keeps nothing: a client that is cut off while it still sends may never look at
 * the answer. Never throws.
 */
export async function discardRest(body: ReadableStream<Uint8Array> | null): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      if (size > DISCARD_MAX_BYTES) return;
    }
  } catch {
    // The client has disconnected.
  }
}

/** At most `maxBytes` from the beginning of a body as text, as far as they came before `signal` aborted. Never throws. */
export async function readTextHead(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", stop);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < maxBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
    }
  } catch {
    // What has come is what there is to judge by.
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
  return new TextDecoder().decode(joined(chunks).subarray(0, maxBytes));
}
