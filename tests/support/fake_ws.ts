// A WebSocket relay with a pool, and both of its sides in memory.

import { KeyPool } from "../../src/auth/rotation.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import type { ClientRequest } from "../../src/proxy/client_request.ts";
import { WsRelay } from "../../src/proxy/ws_relay.ts";
import { SendError } from "../../src/system/http.ts";
import type { Dial, DialRequest } from "../../src/system/ws_client.ts";
import type { MessageSocket, SocketEnd, SocketListener } from "../../src/system/ws_socket.ts";
import type { ClientListener, ClientSocket, Upgrade } from "../../src/system/ws_upgrade.ts";
import { Upstreams } from "../../src/upstream/upstreams.ts";
import { aRecord, POLICY } from "./builders.ts";
import { aQuestion } from "./client_request.ts";
import { FakeClock } from "./fake_clock.ts";
import { aLink } from "./upstream_link.ts";

/** The upstream's side of a connection. */
export class FakeSocket implements MessageSocket {
  bufferedBytes = 0;
  readonly sent: string[] = [];
  closeCode: number | undefined;
  #listener: SocketListener | undefined;

  /** `name` is the first letter of the key's file. */
  constructor(readonly name: string) {}

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  send(text: string): void {
    if (this.closeCode === undefined) this.sent.push(text);
  }

  close(code: number): void {
    this.closeCode ??= code;
    this.#listener = undefined;
  }

  /** The upstream sends these events. */
  say(...events: readonly unknown[]): void {
    for (const event of events) {
      const text = JSON.stringify(event);
      this.#listener?.onText(text, text.length);
    }
  }

  end(end: SocketEnd): void {
    this.#listener?.onEnd(end);
  }
}

/** The client's side. */
export class FakeClient implements ClientSocket {
  bufferedBytes = 0;
  // deno-lint-ignore no-explicit-any -- the tests read a few fields of them
  readonly events: any[] = [];
  closeCode: number | undefined;
  readonly listener: ClientListener;

  constructor(listener: ClientListener) {
    this.listener = listener;
  }

  send(text: string): void {
    this.events.push(JSON.parse(text));
  }

  close(code: number): void {
    this.closeCode ??= code;
  }

  /** Sends a call with its whole input. */
  call(over: Readonly<Record<string, unknown>> = {}): void {
    this.listener.onText(JSON.stringify({ type: "response.create", model: "m", ...over, input: [] }));
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }
}

/** How the upstream answers a handshake: by accepting it, unless this says otherwise. */
export type HandshakeAnswer = Response | "hang" | "unreachable";

/** A relay with a key for each name. */
export function aWsRelay(names: readonly string[], answers: Readonly<Record<string, HandshakeAnswer>> = {}) {
  const clock = new FakeClock();
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(names.map((name) => aRecord(name)), clock.nowMs());
  const events: ProxyEvent[] = [];
  const sockets: FakeSocket[] = [];
  const asked: DialRequest[] = [];
  const acceptHeaders = new Headers();
  const dial: Dial = (request) => {
    asked.push(request);
    const name = request.headers.get("authorization")!.at(-1)!;
    const answer = answers[name];
    if (answer instanceof Response) return Promise.resolve({ kind: "refused", response: answer });
    if (answer === "unreachable") return Promise.reject(new SendError("interrupted", "connection reset"));
    if (answer === "hang") {
      return new Promise((_, reject) =>
        request.signal.addEventListener("abort", () => reject(new SendError("aborted", "ended")))
      );
    }
    const socket = new FakeSocket(name);
    sockets.push(socket);
    return Promise.resolve({ kind: "accepted", headers: acceptHeaders, socket });
  };
  const accepted: Headers[] = [];
  const link = aLink({ clock });
  const live = new LiveRequests((row) => row);
  const relay = new WsRelay({
    upstreams: new Upstreams("https://upstream.example/backend-api"),
    linkTo: () => link,
    tunnelTo: (origin) => origin.includes("socks") ? "none" : undefined,
    dial,
    pool,
    live,
    publish: (event: ProxyEvent) => void events.push(event),
    rules: { authDir: "/auths", holdMs: 0, maxAttempts: 8, rotation: "session" },
    onAccepted: (headers) => void accepted.push(headers),
  });
  const leaving = new AbortController();
  const clients: FakeClient[] = [];
  const upgrade: Upgrade = (listener) => {
    const socket = new FakeClient(listener);
    clients.push(socket);
    return { response: new Response(null), socket };
  };
  const ask = (over: Partial<ClientRequest> = {}, how = upgrade) =>
    relay.handle(
      aQuestion("/v1/responses", {
        headers: new Headers({ originator: "codex_exec", "session-id": "s", "thread-id": "t" }),
        signal: leaving.signal,
        ...over,
      }),
      how,
    );
  /** A session that is open. */
  const open = async () => {
    await ask();
    const client = clients.at(-1)!;
    client.listener.onOpen();
    return client;
  };
  const rows = () => events.flatMap(({ event, fields }) => event === "proxy.request" ? [fields] : []);
  const trace = () =>
    rows().map((row) => `${row.attempt} ${row.auth_file?.[0]} ${row.status} ${row.outcome}`);
  return {
    relay,
    live,
    clock,
    pool,
    events,
    sockets,
    asked,
    acceptHeaders,
    accepted,
    leaving,
    clients,
    ask,
    open,
    rows,
    trace,
  };
}
