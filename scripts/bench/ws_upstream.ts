/**
 * The WebSocket upstream of the benchmark, in a process of its own, on raw sockets. It prints its port. Each message of a
 * client that asks for ticks is answered with as many events, one every 20 ms, each with the time when it was sent, and
 * then with the end of the response.
 * @module
 */

// deno-lint-ignore-file no-console -- the port is its answer
import { writeAll } from "../../src/system/wire.ts";
import { OPCODES } from "../../src/system/ws_codec.ts";
import { acceptFor } from "../../src/system/ws_head.ts";
import { clientFrameAt, serverFrame } from "../../tests/support/ws_frames.ts";
import { completedMessage, sentMessage, TICK_MS, wallMs } from "./tick.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const FINAL_FRAME = textFrame(completedMessage());

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) {
  connection.setNoDelay();
  serve(connection).catch(() => {}).finally(() => connection.close());
}

async function serve(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  const head = DECODER.decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
  const status = key === undefined ? "404 Not Found" : "101 Switching Protocols";
  const accept = key === undefined
    ? "content-length: 0\r\n"
    : `upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${acceptFor(key)}\r\n`;
  await writeAll(connection, ENCODER.encode(`HTTP/1.1 ${status}\r\n${accept}\r\n`));
  let bytes = new Uint8Array();
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    bytes = new Uint8Array([...bytes, ...buffer.subarray(0, count)]);
    for (let found = clientFrameAt(bytes); found; found = clientFrameAt(bytes)) {
      bytes = bytes.slice(found.byteLength);
      const ticks = Number(/"ticks":(\d+)/.exec(DECODER.decode(found.payload))?.[1] ?? 0);
      if (ticks > 0) void tick(connection, ticks).catch(() => {});
    }
  }
}

async function tick(connection: Deno.TcpConn, count: number): Promise<void> {
  // Otherwise all sockets would tick at the same moment.
  let nextMs = performance.now() + Math.random() * TICK_MS;
  for (let sent = 0; sent < count; sent++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
    nextMs += TICK_MS;
    await writeAll(connection, textFrame(sentMessage(wallMs())));
  }
  await writeAll(connection, FINAL_FRAME);
}

function textFrame(text: string): Uint8Array {
  return serverFrame(OPCODES.text, ENCODER.encode(text));
}
