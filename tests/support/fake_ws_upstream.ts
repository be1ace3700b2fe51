// A loopback upstream that speaks WebSocket, frame by frame, so that a test can also do what no proper server does. A
// script per token says whether the handshake is accepted, and what each `response.create` is answered with.

import { createHash } from "node:crypto";
import { closeQuietly, readMore, writeAll } from "../../src/system/wire.ts";
import { joined } from "../../src/values/bytes.ts";
import { until } from "./program.ts";
import { clientFrameAt, serverFrame } from "./ws_frames.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** How a handshake is answered instead of being accepted. `hang`: not at all. */
export type Refusal =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "reset"
  | "hang";

/** Answers a message of the client, which is the nth on this socket, from 1. */
export type Script = (socket: ServerSocket, message: Message, nth: number) => void;

// deno-lint-ignore no-explicit-any -- the tests read a few fields of it
export type Message = any;

export class FakeWsUpstream implements AsyncDisposable {
  /** Every socket that was opened, oldest first. */
  readonly sockets: ServerSocket[] = [];
  /** The tokens of all handshakes, refused ones included. */
  readonly handshakes: string[] = [];
  /** Headers that every 101 has besides those of the handshake. */
  acceptHeaders: Readonly<Record<string, string>> = {};
  readonly #listener: Deno.Listener;
  readonly #scheme: "http" | "https";
  readonly #connections = new Set<Deno.Conn>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #scripts = new Map<string, Script>();

  /** With a certificate it speaks TLS. */
  constructor(certificate?: { readonly cert: string; readonly key: string }) {
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#listener = certificate ? Deno.listenTls({ ...address, ...certificate }) : Deno.listen(address);
    this.#scheme = certificate ? "https" : "http";
    void this.#acceptAll();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** What the proxy is given as its upstream. */
  get url(): string {
    return `${this.origin}/backend-api`;
  }

  /** `undefined` accepts again. */
  refuse(token: string, refusal: Refusal | undefined): void {
    if (refusal === undefined) this.#refusals.delete(token);
    else this.#refusals.set(token, refusal);
  }

  script(token: string, script: Script): void {
    this.#scripts.set(token, script);
  }

  /** The sockets that were opened with this token. */
  socketsOf(token: string): readonly ServerSocket[] {
    return this.sockets.filter((socket) => socket.token === token);
  }

  get openCount(): number {
    return this.#connections.size;
  }

  /** Cuts every connection, and forgets all that was and what it was told to do. */
  async startOver(): Promise<void> {
    await this.#cutAll();
    this.sockets.length = this.handshakes.length = 0;
    this.acceptHeaders = {};
    this.#refusals.clear();
    this.#scripts.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#cutAll();
  }

  async #cutAll(): Promise<void> {
    for (const connection of this.#connections) closeQuietly(connection);
    await until("every connection is closed", () => this.#connections.size === 0);
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const connection of this.#listener) void this.#serve(connection);
    } catch {
      // It is closed.
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    try {
      const request = await requestIn(connection);
      if (request) await this.#answer(connection, request);
    } catch {
      // The client has left.
    }
    this.#connections.delete(connection);
    closeQuietly(connection);
  }

  async #answer(connection: Deno.Conn, { headers, rest }: Handshake): Promise<void> {
    const key = headers.get("sec-websocket-key");
    const token = headers.get("authorization")?.replace(/^Bearer /i, "") ?? "";
    const refusal = key === null ? { status: 404 } : this.#refusals.get(token);
    if (key !== null) this.handshakes.push(token);
    if (refusal === "reset") return;
    if (refusal === "hang") return void await readAll(connection);
    if (refusal) return await write(connection, refusalText(refusal));
    const accept = createHash("sha1").update(key + GUID).digest("base64");
    const own = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": accept };
    await write(connection, headText("101 Switching Protocols", { ...own, ...this.acceptHeaders }));
    const socket = new ServerSocket(connection, token, headers);
    this.sockets.push(socket);
    await socket.run(rest, (...about) => this.#scripts.get(token)?.(...about));
  }
}

/** One open socket, seen from the upstream. */
export class ServerSocket {
  /** What the client sent, parsed. */
  readonly messages: Message[] = [];
  /** The same as it came. */
  readonly texts: string[] = [];
  pings = 0;
  pongs = 0;
  /** The code of the client's close frame; 0 for one without. */
  closeCode: number | undefined;
  /** The client's connection has ended. */
  isGone = false;
  readonly #connection: Deno.Conn;
  #writing: Promise<void> = Promise.resolve();

  constructor(connection: Deno.Conn, readonly token: string, readonly headers: Headers) {
    this.#connection = connection;
  }

  /** Sends events, each as a message. A text goes out as it is. */
  send(...events: readonly unknown[]): void {
    for (const event of events) {
      const text = typeof event === "string" ? event : JSON.stringify(event);
      this.sendFrame(1, new TextEncoder().encode(text));
    }
  }

  sendFrame(opcode: number, payload: Uint8Array = new Uint8Array(0)): void {
    this.#writing = this.#writing.then(() => write(this.#connection, serverFrame(opcode, payload))).catch(
      () => {},
    );
  }

  close(code: number): void {
    this.sendFrame(8, new Uint8Array([code >> 8, code & 255]));
  }

  /** Ends the connection without a close frame. */
  cut(): void {
    void this.#writing.then(() => closeQuietly(this.#connection));
  }

  async run(rest: Uint8Array, script: Script): Promise<void> {
    let bytes = rest;
    try {
      for (;;) {
        for (let frame = clientFrameAt(bytes); frame; frame = clientFrameAt(bytes)) {
          bytes = bytes.subarray(frame.byteLength);
          this.#take(frame.opcode, frame.payload, script);
        }
        const more = await readMore(this.#connection);
        if (!more) break;
        bytes = joined([bytes, more]);
      }
    } catch {
      // It was cut.
    }
    this.isGone = true;
  }

  #take(opcode: number, payload: Uint8Array, script: Script): void {
    switch (opcode) {
      case 1: {
        const text = new TextDecoder().decode(payload);
        this.texts.push(text);
        this.messages.push(JSON.parse(text));
        return script(this, this.messages.at(-1), this.messages.length);
      }
      case 8:
        this.closeCode = payload.length < 2 ? 0 : payload[0]! * 256 + payload[1]!;
        this.sendFrame(8, payload);
        return this.cut();
      case 9:
        this.pings++;
        return this.sendFrame(10, payload);
      case 10:
        this.pongs++;
    }
  }
}

interface Handshake {
  readonly headers: Headers;
  readonly rest: Uint8Array;
}

async function requestIn(connection: Deno.Conn): Promise<Handshake | undefined> {
  let bytes = new Uint8Array(0);
  for (;;) {
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const lines = text.slice(0, end).split("\r\n").slice(1).map((line) => line.split(/: (.*)/s));
      return {
        headers: new Headers(lines.map(([name, value]) => [name!, value!])),
        rest: bytes.subarray(end + 4),
      };
    }
    const more = await readMore(connection);
    if (!more) return undefined;
    bytes = joined([bytes, more]);
  }
}

function refusalText({ status, headers = {}, body = "" }: Exclude<Refusal, string>): string {
  const length = String(new TextEncoder().encode(body).length);
  return headText(`${status} Refused`, { "content-length": length, ...headers }) + body;
}

function headText(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`;
}

async function write(connection: Deno.Conn, data: string | Uint8Array): Promise<void> {
  await writeAll(connection, typeof data === "string" ? new TextEncoder().encode(data) : data);
}

async function readAll(connection: Deno.Conn): Promise<void> {
  while (await readMore(connection));
}
