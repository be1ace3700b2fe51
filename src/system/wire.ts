/**
 * The two ends of what a connection carries: reads and writes, whole and in as few as there can be.
 * @module
 */

import { free } from "../values/bytes.ts";
import { turns, WORK_BYTES } from "./turns.ts";

/** What reading and writing needs of a connection. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close">;

/** What has come, at most 16 KiB; `undefined` at the end. */
export async function readMore(connection: Wire): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const buffer = new Uint8Array(16_384);
  const count = await connection.read(buffer);
  return count === null ? undefined : buffer.subarray(0, count);
}

/**
 * Writes all of it. What is in memory that can shrink is copied piece by piece into memory that stays, since a write that has
 * begun reads it later. @throws what the connection does
 */
export async function writeAll(connection: Wire, bytes: Uint8Array): Promise<void> {
  const { length } = bytes;
  if (length <= WORK_BYTES) {
    for (let at = 0; at < length;) at += await connection.write(bytes.subarray(at));
    return;
  }
  const copy = "resizable" in bytes.buffer && bytes.buffer.resizable ? new Uint8Array(WORK_BYTES) : undefined;
  for (let at = 0; at < length; at += WORK_BYTES) {
    if (bytes.length !== length) throw new Error("what is to be written was given back");
    const piece = bytes.subarray(at, at + WORK_BYTES);
    copy?.set(piece);
    const written = copy?.subarray(0, piece.length) ?? piece;
    for (let done = 0; done < written.length;) {
      const rest = written.subarray(done);
      done += await turns.work(() => connection.write(rest));
    }
  }
}

// Joined with its head or its framing, this much costs less than another write.
const JOINED_MAX_BYTES = 128 * 1024;

/** Pieces of memory of one size that are lent to one write after the other. Nobody else ever sees them. */
interface Lending {
  /** What is shorter is not worth them. */
  readonly minBytes: number;
  readonly bytes: number;
  readonly maxSpare: number;
  readonly spare: Uint8Array<ArrayBuffer>[];
}

// New memory for each write costs more than all else that joins it, and the collection of garbage afterwards. The first are
// for events and short answers, the others for turns of Codex, of which few are written at the same moment.
const LENDINGS: readonly Lending[] = [
  { minBytes: 0, bytes: 4096, maxSpare: 64, spare: [] },
  { minBytes: 32 * 1024, bytes: JOINED_MAX_BYTES + 8192, maxSpare: 2, spare: [] },
];
// Of a text that is not longer, the characters are put one by one.
const SHORT_CHARS = 8;

const encoder = new TextEncoder();

/**
 * Writes a text, bytes and another text, in one write unless that would copy much. Of the texts each character is a byte, as
 * header values have them. @throws what the connection does
 */
export async function writeJoined(
  wire: Wire,
  before: string,
  parts: readonly Uint8Array[],
  after = "",
): Promise<void> {
  const partsBytes = parts.reduce((sum, { length }) => sum + length, 0);
  const isBare = before === "" && after === "";
  if (isBare || partsBytes > JOINED_MAX_BYTES) {
    if (before !== "") await writeJoined(wire, before, []);
    for (const part of parts) await writeAll(wire, part);
    if (after !== "") await writeJoined(wire, after, []);
    return;
  }
  const length = before.length + partsBytes + after.length;
  const lending = LENDINGS.find(({ minBytes, bytes }) => length >= minBytes && length <= bytes);
  const memory = lending?.spare.pop() ?? new Uint8Array(lending?.bytes ?? length);
  let at = putText(memory, before, 0);
  for (const part of parts) {
    memory.set(part, at);
    at += part.length;
  }
  putText(memory, after, at);
  // A write that fails may leave it to the system: then it is not lent again.
  await writeAll(wire, memory.subarray(0, length));
  if (lending && lending.spare.length < lending.maxSpare) lending.spare.push(memory);
  else free(memory);
}

/** Where the text ends. */
function putText(memory: Uint8Array<ArrayBuffer>, text: string, at: number): number {
  const end = at + text.length;
  if (text.length <= SHORT_CHARS || !isAsciiPut(memory.subarray(at, end), text)) {
    for (let index = 0; index < text.length; index++) memory[at + index] = text.charCodeAt(index);
  }
  return end;
}

/** The encoder is fast, but makes two bytes of a character that is not ASCII. */
function isAsciiPut(place: Uint8Array<ArrayBuffer>, text: string): boolean {
  const { read, written } = encoder.encodeInto(text, place);
  return read === text.length && written === text.length;
}

/** Closes it, if that is still to be done. */
export function closeQuietly(connection: Wire): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
