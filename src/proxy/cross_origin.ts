/**
 * What a browser asks before a page of another origin may send a request and read its answer: CORS
 * (https://fetch.spec.whatwg.org/#http-cors-protocol). Only for the origins that the settings name. Pure.
 * @module
 */

const PREFLIGHT_MAX_AGE_S = 600;

/** Whether the browser asks, in place of the page, what the page may send. */
export function isPreflight(method: string, headers: Headers): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

/** The answer to such a question: whatever the page wants to send. */
export function preflightAnswer(asked: Headers): Response {
  const headers = new Headers({
    "access-control-allow-methods": asked.get("access-control-request-method") ?? "",
    "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
  });
  const names = asked.get("access-control-request-headers");
  if (names !== null) headers.set("access-control-allow-headers", names);
  // Asked before a page of the web may reach a private address (https://wicg.github.io/private-network-access/).
  if (asked.has("access-control-request-private-network")) {
    headers.set("access-control-allow-private-network", "true");
  }
  return new Response(null, { status: 204, headers });
}

/** Lets pages of `origin` read an answer. */
export function makeReadable(answer: Headers, origin: string): void {
  answer.set("access-control-allow-origin", origin);
  answer.set("access-control-expose-headers", "*");
  answer.append("vary", "origin");
}
