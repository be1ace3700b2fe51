/**
 * What the server of ours and the handler of its requests say to each other.
 * @module
 */

import type { SomeBody } from "./http_body.ts";
import type { HttpAnswer } from "./http.ts";
import type { Upgrade } from "./ws_upgrade.ts";

/** A request to our server. A `Request` is one, too. */
export interface HttpRequest extends Pick<Request, "method" | "url" | "headers"> {
  /** Null when there is none. */
  readonly body: SomeBody | null;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
}

/** A request to our server and its answer. */
export interface Exchange {
  /** The address that the client came from, without port. */
  readonly clientIp: string;
  /** Resolves when it has ended: the whole answer has been sent, or the client disconnected before. */
  readonly completed: Promise<void>;
  /** Makes a WebSocket of the request; its answer then has to be returned. */
  readonly upgrade: Upgrade;
  /** Ends the connection at once. */
  readonly close: () => void;
}

/** Answers a request; the body of a `Response` goes out as a whole. When it rejects, the answer is 500 and nothing is reported. */
export type Handler = (request: HttpRequest, exchange: Exchange) => Promise<HttpAnswer>;
