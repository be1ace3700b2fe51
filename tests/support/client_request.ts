// A client's request as the server hands it on.

import type { ClientRequest } from "../../src/proxy/client_request.ts";

/** A GET without headers or body, from a client that stays; a test says which path it is about. */
export function aQuestion(path: string, over: Partial<ClientRequest> = {}): ClientRequest {
  return {
    requestId: "req_1",
    method: "GET",
    path,
    query: "",
    headers: new Headers(),
    body: undefined,
    receivedMs: 0,
    clientIp: "127.0.0.1",
    clientName: undefined,
    signal: new AbortController().signal,
    ...over,
  };
}
