/**
 * A request of a client on its way to the upstream.
 * @module
 */

/** A request of a client. */
export interface ClientRequest {
  /** Made by the proxy; the client gets it as `x-cdx2-request-id`. */
  readonly requestId: string;
  /** In capitals. */
  readonly method: string;
  /** As the client sent it, without the query. */
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly query: string;
  /** All of them, as they came. */
  readonly headers: Headers;
  /** `undefined` when there is none, or it has not been read yet. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Keeps the body in its place until this has ended, which never rejects; absent where it stays in any case. */
  readonly keepBody?: ((use: Promise<unknown>) => void) | undefined;
  /** Called when the client takes nothing more of the answer, and that is given up; absent where nobody waits for its end. */
  readonly onStalled?: (() => void) | undefined;
  /** When it came, on the clock that never goes back. */
  readonly receivedMs: number;
  /** Without the port. */
  readonly clientIp: string;
  /** The name of the client whose key it presents; `undefined` where requests need none. */
  readonly clientName: string | undefined;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
}
