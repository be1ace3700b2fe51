/**
 * Logging in with a browser. On this machine the issuer sends the browser back to a small server of ours, at one of the two
 * ports that it knows; from another machine the user pastes the address on which the browser ended. The server answers
 * nothing but the callback, and only a callback with our state and a code ends a login well.
 * @module
 */

import { withDeadline } from "../system/clock.ts";
import { latencyText } from "../values/durations.ts";
import type { Exchange, HttpRequest } from "../system/exchange.ts";
import type { Listen, Listener } from "../system/http_server.ts";
import { ListenError } from "../system/listen.ts";
import {
  exchangeCode,
  type LoginClient,
  loginFailed,
  type LoginFailure,
  type LoginOutcome,
} from "./login.ts";
import {
  authorizeUrl,
  type Callback,
  isCallbackPath,
  type LoginAttempt,
  newAttempt,
  readCallback,
  readPasted,
} from "./login_request.ts";

/** What a login with a browser needs besides the issuer. */
export interface BrowserLoginOptions {
  /** A text of random bytes, as base64url. */
  readonly random: (byteCount: number) => string;
  /** Called once, with the page that the user has to open. */
  readonly tell: (pageUrl: string) => void;
}

// The ones that the issuer sends a browser back to (measured with Codex CLI 0.169.0).
const PORTS = [1455, 1457] as const;
const LOGIN_MS = 10 * 60 * 1000;
// The browser shall show the page before the program ends.
const LAST_PAGE_MS = 1000;

/** Logs in with a browser on this machine. Another program's server at the ports is left alone. */
export async function browserLogin(
  client: LoginClient,
  listen: Listen,
  { random, tell }: BrowserLoginOptions,
): Promise<LoginOutcome> {
  const callbacks = new CallbackServer(client);
  const listener = listenAtEither(listen, (request, exchange) => callbacks.answer(request, exchange));
  if ("kind" in listener) return listener;
  const attempt = newAttempt(listener.port, random);
  callbacks.attempt = attempt;
  tell(authorizeUrl(client.issuer, client.clientId, attempt));
  const outcome = await withDeadline(client.clock, LOGIN_MS, () => callbacks.ended);
  await withDeadline(client.clock, LAST_PAGE_MS, () => listener.shutdown());
  return outcome ?? loginFailed(`nobody logged in within ${latencyText(LOGIN_MS)}`, "log in again");
}

function listenAtEither(
  listen: Listen,
  handle: (request: HttpRequest, exchange: Exchange) => Promise<Response>,
): Listener | LoginFailure {
  for (const port of PORTS) {
    try {
      return listen({ hostname: "127.0.0.1", port }, handle);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
    }
  }
  return loginFailed(
    `the ports ${PORTS.join(" and ")} of this machine are taken, perhaps by another login`,
    "end that one first, or log in with --device or --manual",
  );
}

class CallbackServer {
  /** Set before the first request can come. */
  attempt: LoginAttempt | undefined;
  readonly #client: LoginClient;
  readonly #ended = Promise.withResolvers<LoginOutcome>();
  #isTaken = false;

  constructor(client: LoginClient) {
    this.#client = client;
  }

  get ended(): Promise<LoginOutcome> {
    return this.#ended.promise;
  }

  async answer(request: HttpRequest, exchange: Exchange): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET") return page(405, "Only GET is answered here.");
    if (pathname === "/cancel") return this.#cancel(request, exchange);
    if (!isCallbackPath(pathname) || !this.attempt) return page(404, "There is nothing here.");
    const callback = readCallback(searchParams, this.attempt);
    if (callback.kind === "not_ours") {
      return page(400, `This is not the answer to the login that waits here: ${callback.reason}.`);
    }
    if (this.#isTaken) return page(409, "This login has its answer already.");
    this.#isTaken = true;
    const outcome = await outcomeOf(this.#client, callback, this.attempt);
    this.#endAfter(exchange, outcome);
    return outcome.kind === "tokens"
      ? page(200, "You are logged in. You can close this page and go back to the terminal.")
      : page(400, `The login failed: ${outcome.reason}. The terminal says what to do.`);
  }

  // How Codex asks another login to make room. A web page may not.
  #cancel(request: HttpRequest, exchange: Exchange): Response {
    const site = request.headers.get("sec-fetch-site") ?? "none";
    if (request.headers.has("origin") || site !== "none") {
      return page(403, "Web pages cannot cancel a login.");
    }
    this.#endAfter(exchange, loginFailed("another program on this machine cancelled it", "log in again"));
    return page(200, "The login was cancelled.");
  }

  #endAfter({ completed }: Exchange, outcome: LoginOutcome): void {
    completed.then(() => this.#ended.resolve(outcome));
  }
}

/** Logs in with a browser anywhere. `ask` asks for a line; an empty one ends the login. */
export async function manualLogin(
  client: LoginClient,
  ask: (problem: string | undefined) => Promise<string>,
  { random, tell }: BrowserLoginOptions,
): Promise<LoginOutcome> {
  const attempt = newAttempt(PORTS[0], random);
  tell(authorizeUrl(client.issuer, client.clientId, attempt));
  let problem: string | undefined;
  for (let line = await ask(problem); line.trim() !== ""; line = await ask(problem)) {
    const callback = readPasted(line, attempt);
    if (callback.kind !== "not_ours") return await outcomeOf(client, callback, attempt);
    problem = callback.reason;
  }
  return loginFailed(
    problem === undefined ? "no address was pasted" : `the address is of no use: ${problem}`,
  );
}

async function outcomeOf(
  client: LoginClient,
  callback: Exclude<Callback, { kind: "not_ours" }>,
  attempt: LoginAttempt,
): Promise<LoginOutcome> {
  if (callback.kind === "code") return await exchangeCode(client, { ...attempt, code: callback.code });
  if (callback.code === "access_denied") return loginFailed("it was denied on the issuer's page");
  return loginFailed(`the issuer ended it${callback.code === undefined ? "" : ` (${callback.code})`}`);
}

// The address of the page holds the code: no other site, no cache and no other page learns of it.
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

// All texts are ours; nothing of a request is in them.
function page(status: number, text: string): Response {
  const html =
    `<!doctype html><title>cdx2</title><body style="font: 1.1em sans-serif; margin: 4em"><p>${text}</p></body>\n`;
  return new Response(html, { status, headers: PAGE_HEADERS });
}
