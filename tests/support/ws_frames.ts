// WebSocket frames as a server writes them, proper ones and others; and what a client sends.

/** A frame that is not masked; `isFinal` is true unless said otherwise. */
export function serverFrame(
  opcode: number,
  payload: Uint8Array,
  { isFinal = true }: { readonly isFinal?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const head = [(isFinal ? 0x80 : 0) | opcode];
  if (length < 126) head.push(length);
  else if (length < 0x10000) head.push(126, length >> 8, length & 0xff);
  else head.push(127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (length >>> bits) & 0xff));
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}

/** The same frame as a client writes it, with this mask. */
export function masked(
  frame: Uint8Array,
  mask: readonly number[] = [1, 2, 0x83, 4],
): Uint8Array<ArrayBuffer> {
  const short = frame[1]! & 0x7f;
  const headBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const payload = frame.slice(headBytes).map((byte, at) => byte ^ mask[at % 4]!);
  const head = [frame[0]!, frame[1]! | 0x80, ...frame.subarray(2, headBytes), ...mask];
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

/** The frames of a client, each as `opcode payload`; of a close frame the code, and then the reason if there is one. */
export function clientFrames(bytes: Uint8Array): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { opcode, payload, byteLength } = clientFrameAt(bytes.subarray(at))!;
    frames.push(`${opcode} ${textOf(opcode, payload)}`);
    at += byteLength;
  }
  return frames;
}

/** The frames of a server that masks none, in the same way. */
export function serverFrames(bytes: Uint8Array): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const short = bytes[at + 1]!;
    if (short > 127) throw new Error("a server masks nothing");
    const headBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
    const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
    const opcode = bytes[at]! & 0x0f;
    frames.push(`${opcode} ${textOf(opcode, bytes.subarray(at + headBytes, at + headBytes + length))}`);
    at += headBytes + length;
  }
  return frames;
}

function textOf(opcode: number, payload: Uint8Array): string {
  const decoded = (from: Uint8Array) => new TextDecoder().decode(from);
  if (opcode !== 8 || payload.length < 2) return decoded(payload);
  return `${payload[0]! * 256 + payload[1]!} ${decoded(payload.subarray(2))}`.trimEnd();
}

/** The masked frame that `bytes` begins with; `undefined` as long as it is not whole. */
export function clientFrameAt(
  bytes: Uint8Array,
): { readonly opcode: number; readonly payload: Uint8Array; readonly byteLength: number } | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const short = bytes[1]! & 0x7f;
  const maskAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  if (bytes.length < maskAt + 4) return undefined;
  const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
  const byteLength = maskAt + 4 + length;
  if (bytes.length < byteLength) return undefined;
  const payload = bytes.slice(maskAt + 4, byteLength);
  for (let at = 0; at < length; at++) payload[at]! ^= bytes[maskAt + at % 4]!;
  return { opcode: bytes[0]! & 0x0f, payload, byteLength };
}

/** A client's handshake (RFC 6455 §1.2), with these headers in the place of its own; an empty one is left out. */
export function handshake(headers: Readonly<Record<string, string>> = {}, line = "GET / HTTP/1.1"): string {
  const all = {
    host: "h",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => value === "" ? [] : [`${name}: ${value}\r\n`]);
  return `${line}\r\n${lines.join("")}\r\n`;
}
