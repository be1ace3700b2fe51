/**
 * The upstream of the benchmark, in a process of its own, on raw sockets: it has to cost less than any contender. It
 * prints the port for HTTP and, given a certificate and its key, the one for HTTPS.
 *
 *   POST …?ticks=N   N events, one every 20 ms, each with the time when it was sent
 *   POST …?burst=N   N events at once, each in a chunk of its own
 *   POST …?pieces=N  the same, each chunk in a write of its own
 *   POST …?down=N    N bytes
 *   POST …           1 KB of JSON
 * @module
 */

// deno-lint-ignore-file no-console -- the ports are its answer
import { writeAll } from "../../src/system/wire.ts";
import { joined } from "../../src/values/bytes.ts";
import { RequestReader } from "./request_reader.ts";
import { burstOf, FINAL_EVENT, sentEvent, TICK_MS, wallMs } from "./tick.ts";

type Pieces = readonly Uint8Array[];

const ENCODER = new TextEncoder();
const JSON_TYPE = "content-type: application/json\r\n";
const SMALL = JSON.stringify({ id: "resp_bench", output: "x".repeat(990) });
const SMALL_ANSWER = ENCODER.encode(`${head(JSON_TYPE)}content-length: ${SMALL.length}\r\n\r\n${SMALL}`);
const STREAM_HEAD = ENCODER.encode(
  head(
    "content-type: text/event-stream\r\nx-codex-primary-used-percent: 12\r\nx-codex-primary-window-minutes: 300\r\n",
  ) + "transfer-encoding: chunked\r\n\r\n",
);
const END = ENCODER.encode("0\r\n\r\n");
/** Answers that are always the same. */
const prepared = new Map<string, Pieces>();

const [certFile, keyFile] = Deno.args;
const plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const listeners: Deno.Listener[] = [plain];
if (certFile && keyFile) {
  const [cert, key] = await Promise.all([Deno.readTextFile(certFile), Deno.readTextFile(keyFile)]);
  listeners.push(Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }));
}
console.log(listeners.map(({ addr }) => (addr as Deno.NetAddr).port).join(" "));
await Promise.all(listeners.map(acceptAll));

async function acceptAll(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    if ("setNoDelay" in connection) (connection as Deno.TcpConn).setNoDelay();
    serve(connection).catch(() => {}).finally(() => connection.close());
  }
}

async function serve(connection: Deno.Conn): Promise<void> {
  const requests = new RequestReader(connection);
  for (let path = await requests.next(); path !== undefined; path = await requests.next()) {
    const query = new URL(path, "http://upstream").searchParams;
    const [ticks = 0, burst = 0, pieces = 0, down = 0] = ["ticks", "burst", "pieces", "down"]
      .map((name) => Number(query.get(name)));
    if (ticks) await tick(connection, ticks);
    else for (const piece of answer({ burst, pieces, down })) await writeAll(connection, piece);
  }
}

function head(fields: string): string {
  return `HTTP/1.1 200 OK\r\n${fields}`;
}

function chunk(text: string): string {
  return `${ENCODER.encode(text).length.toString(16)}\r\n${text}\r\n`;
}

/** What each write of an answer takes. */
function answer({ burst, pieces, down }: Readonly<Record<"burst" | "pieces" | "down", number>>): Pieces {
  if (pieces) return prepared.getOrInsertComputed(`pieces ${pieces}`, () => turnPieces(pieces));
  if (burst) return prepared.getOrInsertComputed(`burst ${burst}`, () => [joined(turnPieces(burst))]);
  return down ? prepared.getOrInsertComputed(`down ${down}`, () => [downAnswer(down)]) : [SMALL_ANSWER];
}

function turnPieces(count: number): Pieces {
  return [STREAM_HEAD, ...burstOf(count).map((event) => ENCODER.encode(chunk(event))), END];
}

function downAnswer(bytes: number): Uint8Array {
  const fields = `content-type: application/octet-stream\r\ncontent-length: ${bytes}\r\n\r\n`;
  return joined([ENCODER.encode(head(fields)), new Uint8Array(bytes)]);
}

async function tick(connection: Deno.Conn, count: number): Promise<void> {
  await writeAll(connection, STREAM_HEAD);
  let nextMs = performance.now();
  for (let sent = 0; sent < count; sent++) {
    nextMs += TICK_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
    await writeAll(connection, ENCODER.encode(chunk(sentEvent(wallMs()))));
  }
  await writeAll(connection, ENCODER.encode(chunk(FINAL_EVENT) + "0\r\n\r\n"));
}
