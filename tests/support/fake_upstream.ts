// A loopback stand-in for the ChatGPT backend and the OpenAI API. A test says which request gets which
// answers and afterwards reads what arrived. With no rule that fits, the answer is 404, as from the real one.

import { type AddressInfo, createServer } from "node:net";
import { type Answer, json } from "./answers.ts";
import { HttpConnection, type ReceivedRequest } from "./http_connection.ts";

// A reset throws away what the other side has not read yet: it is given this long to read it.
const RESET_AFTER_MS = 20;
// So that a test which waits in vain says what for.
const WAIT_MS = 60_000;

/** How an exchange ended. `broken_off`: by the answer's own will. */
export type ExchangeEnd = "answered" | "client_left" | "broken_off";

export interface UpstreamRequest extends ReceivedRequest {
  /** The bearer token. */
  readonly token: string | undefined;
  /** When its body was whole, in epoch milliseconds. */
  readonly atMs: number;
  readonly ended: Promise<ExchangeEnd>;
}

/** Which requests a rule is for; a field left out fits all. `path` is without the query. */
export interface Match {
  readonly token?: string;
  readonly path?: string;
  readonly method?: string;
}

/** An answer, or one made from the request. */
export type Reply = Answer | ((request: UpstreamRequest) => Answer);

export interface FakeUpstreamOptions {
  /**
   * Default `/backend-api`, which makes the proxy take it for the ChatGPT backend; empty for the OpenAI API.
   */
  readonly basePath?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
}

export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const upstream = new FakeUpstream(options.basePath ?? "/backend-api", options.host ?? "127.0.0.1");
  await upstream.listen(options.port ?? 0);
  return upstream;
}

export class FakeUpstream {
  /** Every request so far, oldest first. */
  readonly requests: UpstreamRequest[] = [];
  readonly #basePath: string;
  readonly #host: string;
  readonly #rules: Rule[] = [];
  readonly #connections = new Set<HttpConnection>();
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(new HttpConnection(socket)));
  #waiting: (() => void)[] = [];
  #abortedCount = 0;
  #underWay = 0;
  #mostAtOnce = 0;

  constructor(basePath: string, host: string) {
    this.#basePath = basePath;
    this.#host = host;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, this.#host, resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What the proxy is given as its upstream. */
  get url(): string {
    return `http://${this.#host}:${this.port}${this.#basePath}`;
  }

  /** How many clients left in the middle of an answer. */
  get abortedCount(): number {
    return this.#abortedCount;
  }

  /** The largest number of requests that waited for their answers at the same moment. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /**
   * The nth fitting request gets the nth reply, the last repeats. Of several rules that fit, the newest
   * counts.
   */
  reply(match: Match, replies: Reply | readonly [Reply, ...Reply[]]): void {
    this.#rules.unshift(new Rule(match, [replies].flat() as Reply[]));
  }

  forToken(token: string, replies: Reply | readonly [Reply, ...Reply[]]): void {
    this.reply({ token }, replies);
  }

  forPath(path: string, replies: Reply | readonly [Reply, ...Reply[]]): void {
    this.reply({ path }, replies);
  }

  /** Forgets what it was told and asked, for the next of many cases. */
  startOver(): void {
    this.#rules.length = 0;
    this.requests.length = 0;
    this.#abortedCount = 0;
  }

  /** The requests that arrived with this token. */
  requestsOf(token: string): readonly UpstreamRequest[] {
    return this.requests.filter((request) => request.token === token);
  }

  /** Resolves when `count` requests have arrived in all; rejects when they do not come. */
  async untilRequested(count: number): Promise<void> {
    await this.#until(() => this.requests.length, count, "requests");
  }

  /** Resolves when `count` clients have left in the middle of an answer; rejects when they stay. */
  async untilAborted(count: number): Promise<void> {
    await this.#until(() => this.#abortedCount, count, "aborted answers");
  }

  /** Closes all connections, answered or not, and stops listening. */
  async close(): Promise<void> {
    // Not awaited through its callback, which Deno 2.6 forgets to call once a connection has come and gone.
    this.#server.close();
    const open = [...this.#connections];
    for (const connection of open) connection.reset();
    await Promise.all(open.map((connection) => whenAborted(connection.gone)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #accept(connection: HttpConnection): Promise<void> {
    this.#connections.add(connection);
    connection.gone.addEventListener("abort", () => this.#connections.delete(connection));
    for (;;) {
      const received = await connection.nextRequest();
      if (received === undefined) return;
      await this.#exchange(connection, received);
      if (received.headers.get("connection") === "close") connection.close();
    }
  }

  async #exchange(connection: HttpConnection, received: ReceivedRequest): Promise<void> {
    const { promise: ended, resolve: end } = Promise.withResolvers<ExchangeEnd>();
    const token = received.headers.get("authorization")?.replace(/^Bearer /i, "");
    const request: UpstreamRequest = { ...received, token, atMs: Date.now(), ended };
    this.requests.push(request);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, ++this.#underWay);
    this.#changed();
    const reply = this.#rules.find((rule) => rule.fits(request))?.next() ??
      json(404, { detail: "Not Found" });
    const outcome = await send(
      connection,
      request.method,
      typeof reply === "function" ? reply(request) : reply,
    );
    this.#underWay--;
    if (outcome === "client_left") this.#abortedCount++;
    end(outcome);
    this.#changed();
  }

  async #until(current: () => number, count: number, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    while (current() < count) {
      if (deadline.aborted) throw new Error(`waited for ${count} ${what}, got ${current()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await Promise.race([promise, whenAborted(deadline)]);
    }
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

class Rule {
  readonly #match: Match;
  readonly #replies: readonly Reply[];
  #used = 0;

  constructor(match: Match, replies: readonly Reply[]) {
    this.#match = match;
    this.#replies = replies;
  }

  fits({ token, path, method }: UpstreamRequest): boolean {
    const match = this.#match;
    return (match.token === undefined || match.token === token) &&
      (match.path === undefined || match.path === path.split("?")[0]) &&
      (match.method === undefined || match.method === method);
  }

  next(): Reply | undefined {
    return this.#replies[Math.min(this.#used++, this.#replies.length - 1)];
  }
}

async function send(connection: HttpConnection, method: string, answer: Answer): Promise<ExchangeEnd> {
  switch (answer.kind) {
    case "whole":
      connection.sendWhole(method, answer.status, answer.headers, answer.body);
      return "answered";
    case "stream":
      return await sendStream(connection, answer);
    case "delayed":
      await pause(answer.delayMs, connection.gone);
      return connection.gone.aborted ? "client_left" : await send(connection, method, answer.answer);
    case "reset":
      connection.reset();
      return "broken_off";
    case "hang":
      await whenAborted(connection.gone);
      return "client_left";
  }
}

async function sendStream(
  connection: HttpConnection,
  answer: Extract<Answer, { kind: "stream" }>,
): Promise<ExchangeEnd> {
  connection.sendHead(answer.status, answer.headers);
  for (const chunk of answer.chunks) {
    if (chunk === answer.chunks.at(-1)) await Promise.race([answer.lastAfter, whenAborted(connection.gone)]);
    if (connection.gone.aborted) return "client_left";
    connection.sendChunk(chunk);
    await pause(answer.gapMs, connection.gone);
  }
  switch (answer.then) {
    case "end":
      if (connection.gone.aborted) return "client_left";
      connection.sendEnd();
      return "answered";
    case "cut":
      connection.close();
      return "broken_off";
    case "reset":
      await pause(RESET_AFTER_MS, connection.gone);
      connection.reset();
      return "broken_off";
    case "hang":
      await whenAborted(connection.gone);
      return "client_left";
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, pauseMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
