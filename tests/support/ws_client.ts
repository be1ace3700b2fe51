// A client of the proxy over WebSocket, as Codex is one: it sends calls and reads events.

import { systemClock } from "../../src/system/clock.ts";
import { createDial } from "../../src/system/ws_client.ts";
import type { MessageSocket, SocketEnd } from "../../src/system/ws_socket.ts";
import { until } from "./program.ts";

const dial = createDial({ clock: systemClock, connectTimeoutMs: 5000, tunnelTo: () => undefined });

/** Codex's own path; a custom provider has `/v1/responses`. */
const PATH = "/backend-api/codex/responses";

export interface WsOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a handshake was answered with. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** `undefined` when it was refused. */
  readonly socket: ClientSide | undefined;
}

/** Asks the proxy for a WebSocket. */
export async function ask(baseUrl: string, options: WsOptions = {}): Promise<Answered> {
  const dialed = await dial({
    url: baseUrl + (options.path ?? PATH),
    headers: new Headers({
      originator: "codex_exec",
      "session-id": "s1",
      "thread-id": "t1",
      ...options.headers,
    }),
    signal: options.signal ?? new AbortController().signal,
  });
  if (dialed.kind === "accepted") {
    return { status: 101, headers: dialed.headers, body: "", socket: new ClientSide(dialed.socket) };
  }
  const { status, headers } = dialed.response;
  return { status, headers, body: await dialed.response.text(), socket: undefined };
}

/** The same, where a refusal fails the test. */
export async function connect(baseUrl: string, options: WsOptions = {}): Promise<ClientSide> {
  const { socket, status, body } = await ask(baseUrl, options);
  if (!socket) throw new Error(`refused with ${status}: ${body}`);
  return socket;
}

export class ClientSide {
  // deno-lint-ignore no-explicit-any -- the tests read a few fields of them
  readonly events: any[] = [];
  end: SocketEnd | undefined;
  readonly #socket: MessageSocket;

  constructor(socket: MessageSocket) {
    this.#socket = socket;
    socket.listen({
      onText: (text) => this.events.push(JSON.parse(text)),
      onEnd: (end) => this.end = end,
    });
  }

  /** The types of the events so far. */
  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /** The code that the proxy closed with. */
  get closeCode(): number | undefined {
    return this.end?.code;
  }

  /** Sends a call with its whole input; `over` goes over its fields. */
  call(over: Readonly<Record<string, unknown>> = {}): void {
    this.sendText(
      JSON.stringify({ type: "response.create", model: "m", ...over, input: over["input"] ?? ["all"] }),
    );
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** Resolves when an event of this type has come for the nth time; rejects when it does not. */
  async untilEvent(type: string, nth = 1): Promise<void> {
    await until(
      `${type}, got ${JSON.stringify(this.types)}`,
      () => this.types.filter((each) => each === type).length >= nth,
    );
  }

  async untilClosed(): Promise<void> {
    await until("the proxy closes", () => this.end !== undefined);
  }

  close(): void {
    this.#socket.close(1000);
  }
}
