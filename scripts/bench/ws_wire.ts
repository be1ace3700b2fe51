/**
 * Frames of WebSockets (RFC 6455 §5.2) as the benchmark needs them: whole texts of the server, and the client's.
 * @module
 */

const TEXT_AND_FIN = 0x81;

/** A text below 64 KiB as a frame of a server. */
export function serverFrame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  return new Uint8Array([TEXT_AND_FIN, ...length, ...payload]);
}

/** The message that bytes of a client begin with; `undefined` as long as it is not whole. */
export function messageIn(
  bytes: Uint8Array,
): { readonly payload: Uint8Array; readonly byteLength: number } | undefined {
  if (bytes.length < 4) return undefined;
  const short = bytes[1]! & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const extended = bytes.subarray(2, 2 + lengthBytes);
  const length = lengthBytes === 0 ? short : extended.reduce((sum, byte) => sum * 256 + byte, 0);
  const start = 2 + lengthBytes + 4;
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = bytes.slice(start, start + length).map((byte, at) => byte ^ mask[at % 4]!);
  return { payload, byteLength: start + length };
}
