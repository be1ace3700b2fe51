/**
 * Packs an executable: gzip (RFC 1952) where `gunzip` is always there, and a zip with one entry for Windows
 * (APPNOTE.TXT 6.3). The same bytes give the same archive, so the times in them are constant.
 * @module
 */

/** The file, gzipped. */
export async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  return await through(bytes, new CompressionStream("gzip"));
}

const METHOD_DEFLATE = 8;
// 2.0: a file that is deflated.
const VERSION_NEEDED = 20;
// 1 January 1980, the first day that a zip can name.
const DAY = 0x0021;

/** A zip with this one file in it. */
export async function zipped(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await through(bytes, new CompressionStream("deflate-raw"));
  const nameBytes = new TextEncoder().encode(name);
  const common = [
    ...[short(VERSION_NEEDED), short(0), short(METHOD_DEFLATE), short(0), short(DAY)],
    ...[long(crc32(bytes)), long(packed.length), long(bytes.length), short(nameBytes.length), short(0)],
  ];
  const entry = concat([signature(0x0403), ...common, nameBytes, packed]);
  const listed = concat([
    ...[signature(0x0201), short(VERSION_NEEDED), ...common],
    // No comment, disk 0, no attributes, at offset 0.
    ...[short(0), short(0), short(0), long(0), long(0), nameBytes],
  ]);
  const end = [
    ...[signature(0x0605), short(0), short(0), short(1), short(1)],
    ...[long(listed.length), long(entry.length), short(0)],
  ];
  return concat([entry, listed, ...end]);
}

async function through(bytes: Uint8Array, stream: CompressionStream): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function signature(number: number): Uint8Array {
  return new Uint8Array([0x50, 0x4b, number & 0xff, number >> 8]);
}

function short(number: number): Uint8Array {
  return new Uint8Array([number & 0xff, (number >> 8) & 0xff]);
}

function long(number: number): Uint8Array {
  return concat([short(number), short(number >>> 16)]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC_TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
