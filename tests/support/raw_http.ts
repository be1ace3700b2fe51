// What comes of bytes that an upstream sends, by our own HTTP client.

import assert from "node:assert/strict";
import { streamOf } from "../../src/system/http_body.ts";
import { SendError } from "../../src/system/http.ts";
import { HttpConnection } from "../../src/system/http_connection.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeWire } from "./fake_wire.ts";

/** Latin-1, as heads are. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The bytes cut at these places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((to, at) => bytes.subarray(sorted[at], to));
}

/** What became of one request. */
export interface Received {
  /** `failure message` instead of a status when there was no answer. */
  readonly head: string;
  /** Without `date` and the like; in the order of `Headers`. */
  readonly headers: readonly (readonly [string, string])[];
  /** Latin-1. `broken` when it broke off. */
  readonly body: string;
  /** The connection waits for another request. */
  readonly isKept: boolean;
}

/** Sends a request on a connection that brings `parts` and then ends, and reads the answer to its end. */
export async function receive(parts: readonly Uint8Array[], method = "GET"): Promise<Received> {
  const wire = new FakeWire(parts);
  let isKept = false;
  const connection = new HttpConnection(wire, {
    onIdle: () => isKept = true,
    clock: new FakeClock(),
  });
  const { signal } = new AbortController();
  // With an end that comes at once, nothing could be kept.
  const ending = setTimeout(() => wire.end(), 0);
  try {
    const answer = await connection.exchange({ method, bytes: { head: "x", body: [] }, signal });
    const body = answer.body
      ? await new Response(streamOf(answer.body)).bytes().then(latin1, () => "broken")
      : "";
    await settled();
    return {
      head: String(answer.status),
      headers: [...answer.headers],
      body,
      isKept: isKept && connection.isOpen,
    };
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return { head: `${error.failure} ${error.message}`, headers: [], body: "", isKept };
  } finally {
    clearTimeout(ending);
    connection.close();
  }
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

export const OK = "HTTP/1.1 200 OK\r\n";
export const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** What comes of an answer. */
export interface AnswerRow {
  /** Latin-1. */
  readonly bytes: string;
  /** Default GET. */
  readonly method?: string;
  /** The status, or how it failed: `bad_answer` is one that no client gets anything of. */
  readonly head: RegExp | string;
  /** Default none. */
  readonly body?: string;
  /** Default false. */
  readonly isKept?: boolean;
}

/** Checks a row: in one piece, cut at each place, and byte by byte. */
export async function checkAnswer(row: AnswerRow): Promise<void> {
  const bytes = bytesOf(row.bytes);
  check(await receive([bytes], row.method), row);
  if (bytes.length > 1000) return;
  for (let at = 1; at < bytes.length; at++) check(await receive(cut(bytes, [at]), row.method), row);
  check(await receive(cut(bytes, [...bytes.keys()]), row.method), row);
}

function check(received: Received, { head, body = "", isKept = false }: AnswerRow): void {
  if (head instanceof RegExp) assert.match(received.head, head);
  else assert.equal(received.head, head);
  assert.deepEqual([received.body, received.isKept], [body, isKept]);
}
