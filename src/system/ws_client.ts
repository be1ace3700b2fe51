/**
 * A WebSocket client whose handshake can be refused readably: status, headers and body of the refusal, which Deno's own
 * client does not give. It connects to the one host that is asked for and sends exactly the headers that it is given.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { headerPairs } from "../values/header_pairs.ts";
import type { Clock } from "./clock.ts";
import { addressOf, connect, type Connection, httpProxyTo, type ReachOptions } from "./connect.ts";
import { attemptEnded, reasonOf, SendError } from "./http.ts";
import { HeadFault, type HttpHead } from "./http_head.ts";
import { requestBytes } from "./http_request.ts";
import { closeQuietly, readMore, writeAll, writeJoined } from "./wire.ts";
import { faultOfAcceptance, readHead, readRefusalBody } from "./ws_head.ts";
import { type MessageSocket, WsSocket } from "./ws_socket.ts";

/** A handshake to make. */
export interface DialRequest {
  /** With the scheme `http` or `https`, and with the query. */
  readonly url: string;
  /** Sent as they are, besides those of the handshake itself. */
  readonly headers: Headers;
  /** Ends the handshake when it aborts. */
  readonly signal: AbortSignal;
}

/** How the server answered. */
export type Dialed =
  /** The socket reads nothing until it is listened to. */
  | { readonly kind: "accepted"; readonly headers: Headers; readonly socket: MessageSocket }
  /** Its body is there already: all of it, or its first 64 KiB, or what came within 5 s. */
  | { readonly kind: "refused"; readonly response: Response };

/** Makes a handshake. @throws {@link SendError} when there is no answer to read */
export type Dial = (request: DialRequest) => Promise<Dialed>;

const REFUSAL_MAX_BYTES = 65_536;
const REFUSAL_TIMEOUT_MS = 5000;
const KEY_BYTES = 16;

/** A {@link Dial} that opens a connection for each handshake. */
export function createDial({ clock, connectTimeoutMs, tunnelTo }: ReachOptions): Dial {
  return async (request) => {
    const { url, signal } = request;
    const target = new URL(url);
    const to = addressOf(target);
    const httpProxy = httpProxyTo(target.origin, tunnelTo);
    const connection = await connect(to, { clock, signal, timeoutMs: connectTimeoutMs, httpProxy });
    const close = () => closeQuietly(connection);
    if (signal.aborted) close();
    signal.addEventListener("abort", close);
    try {
      return await shakeHands(connection, request, clock);
    } catch (error) {
      close();
      throw signal.aborted ? attemptEnded() : interrupted(error);
    } finally {
      signal.removeEventListener("abort", close);
    }
  };
}

async function shakeHands(connection: Connection, request: DialRequest, clock: Clock): Promise<Dialed> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toBase64();
  await writeJoined(connection, handshake(request, key), []);
  const { head, rest } = await answerHead(connection);
  if (head.status !== 101) {
    const body = await refusalBody(connection, { head, rest, clock });
    closeQuietly(connection);
    const { status, headers } = head;
    const isEmpty = body.length === 0 || status === 204 || status === 205 || status === 304;
    return { kind: "refused", response: new Response(isEmpty ? null : body, { status, headers }) };
  }
  const fault = faultOfAcceptance(head, key);
  if (fault !== undefined) throw new HeadFault(fault);
  const port = {
    read: (buffer: Uint8Array) => connection.read(buffer),
    write: (bytes: Uint8Array) => writeAll(connection, bytes),
    close: () => closeQuietly(connection),
  };
  return {
    kind: "accepted",
    headers: head.headers,
    socket: new WsSocket(port, { clock, received: rest, role: "client" }),
  };
}

function handshake({ url, headers }: DialRequest, key: string): string {
  const { host, pathname, search } = new URL(url);
  return requestBytes({
    method: "GET",
    target: pathname + search,
    host,
    headers: [
      ["connection", "Upgrade"],
      ["upgrade", "websocket"],
      ["sec-websocket-version", "13"],
      ["sec-websocket-key", key],
      ...headerPairs(headers),
    ],
    lines: [],
    body: undefined,
  }).head;
}

interface Answer {
  readonly head: HttpHead;
  /** What came after it. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

async function answerHead(connection: Connection): Promise<Answer> {
  let bytes = new Uint8Array(0);
  for (;;) {
    const more = await readMore(connection);
    if (!more) throw new HeadFault("the connection ended without an answer");
    bytes = joined([bytes, more]);
    const head = readHead(bytes);
    if (head) return { head, rest: bytes.slice(head.end) };
  }
}

// A refusal whose body does not come, or breaks off, is judged by what came of it.
async function refusalBody(
  connection: Connection,
  { head, rest, clock }: Answer & { readonly clock: Clock },
): Promise<Uint8Array<ArrayBuffer>> {
  const cancel = clock.after(REFUSAL_TIMEOUT_MS, () => closeQuietly(connection));
  let raw = rest;
  try {
    while (raw.length < REFUSAL_MAX_BYTES && !readRefusalBody(head, raw).isWhole) {
      const more = await readMore(connection);
      if (!more) break;
      raw = joined([raw, more]);
    }
  } catch {
    // What has come is what there is.
  } finally {
    cancel();
  }
  return readRefusalBody(head, raw).bytes.slice(0, REFUSAL_MAX_BYTES);
}

function interrupted(error: unknown): SendError {
  return new SendError("interrupted", error instanceof HeadFault ? error.message : reasonOf(error));
}
