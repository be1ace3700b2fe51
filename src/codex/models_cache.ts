/**
 * Answers `GET …/models` from memory: Codex waits for the list before its first request, and a slow upstream costs
 * it 15 s. A list that is no longer fresh still goes out at once, while one request in the background fetches the next.
 * @module
 */

import { type Clock, withDeadline } from "../system/clock.ts";
import { streamOf } from "../system/http_body.ts";
import type { HttpAnswer } from "../system/http.ts";
import { readBody } from "../upstream/body.ts";
import type { ClientRequest } from "../proxy/client_request.ts";
import { responseHeaders } from "../proxy/rules.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** What a {@link ModelsCache} works with. */
export interface ModelsCacheOptions {
  /** Dates the lists. */
  readonly clock: Clock;
  /** Tells which paths name the same list. */
  readonly upstream: Upstream;
  /** Asks the upstream, with a key. */
  readonly forward: (request: ClientRequest) => Promise<HttpAnswer>;
}

/** A whole answer of the upstream. */
export interface WholeAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** As the upstream sent them. */
  readonly headers: Headers;
  /** `undefined` when there is no body. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** A list of models that is kept. */
export interface KeptModels extends WholeAnswer {
  /** Epoch milliseconds. */
  readonly fetchedMs: number;
  /** The upstream has named another version since. */
  readonly isOutdated: boolean;
}

/** What to do with a question for models. */
export type ModelsPlan =
  | { readonly kind: "serve" | "serve_and_refresh"; readonly kept: KeptModels }
  | { readonly kind: "fetch" };

// Models come and go by the week, and `x-models-etag` reports a change sooner.
const FRESH_MS = 10 * 60_000;
// Through an outage of the upstream an old list is better than none; a day later it may name models that are gone.
const USABLE_MS = 24 * 3_600_000;
// The list has some 200 KB, and every client version has one of its own.
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_LISTS = 16;
// A body that stalls must not hold up those who wait for it, nor the next fetch.
const BODY_TIMEOUT_MS = 30_000;

// The other headers say something about one request or one account.
const KEPT_HEADERS = ["content-type", "content-encoding", "etag", "last-modified"];
// One request fetches for all clients, so it asks for the whole list.
const CONDITIONS = ["if-none-match", "if-modified-since", "range"];

/** What to do with a question for models, given what is kept for it. */
export function planModels(kept: KeptModels | undefined, nowMs: number): ModelsPlan {
  if (!kept || nowMs >= kept.fetchedMs + USABLE_MS) return { kind: "fetch" };
  const isFresh = !kept.isOutdated && nowMs < kept.fetchedMs + FRESH_MS;
  return { kind: isFresh ? "serve" : "serve_and_refresh", kept };
}

/** The lists of one upstream. */
export class ModelsCache {
  readonly #options: ModelsCacheOptions;
  /** By the URL at the upstream; the one fetched longest ago comes first. */
  readonly #kept = new Map<string, KeptModels>();
  /** One fetch per URL, for all clients that wait; `undefined` from one whose answer cannot be shared. */
  readonly #fetches = new Map<string, Promise<WholeAnswer | undefined>>();

  /** Begins with no list. */
  constructor(options: ModelsCacheOptions) {
    this.#options = options;
  }

  /** Answers a question for models, asking the upstream where that is needed. */
  async answer(request: ClientRequest): Promise<HttpAnswer> {
    const { url } = this.#options.upstream.target(request.path, request.query);
    const nowMs = this.#options.clock.nowMs();
    const plan = planModels(this.#kept.get(url), nowMs);
    if (plan.kind === "serve_and_refresh") void this.#fetchOnce(url, request);
    if (plan.kind !== "fetch") return toClient(fromCache(plan.kept, nowMs), request);
    const fetched = await this.#fetchOnce(url, request);
    return fetched ? toClient(fetched, request) : await this.#options.forward(request);
  }

  /** Takes the `x-models-etag` of an answer to another request. Codex asks again until its list has that version. */
  noteEtag(etag: string | null): void {
    if (etag === null) return;
    for (const [url, kept] of this.#kept) {
      const known = kept.headers.get("etag");
      if (known !== null && !isSameEtag(known, etag)) this.#kept.set(url, { ...kept, isOutdated: true });
    }
  }

  #fetchOnce(url: string, request: ClientRequest): Promise<WholeAnswer | undefined> {
    const running = this.#fetches.get(url);
    if (running) return running;
    const fetching = this.#fetch(url, request)
      // Each client that waits then asks by itself, and gets the error where it is reported.
      .catch(() => undefined)
      .finally(() => this.#fetches.delete(url));
    this.#fetches.set(url, fetching);
    return fetching;
  }

  async #fetch(url: string, request: ClientRequest): Promise<WholeAnswer | undefined> {
    const headers = new Headers(request.headers);
    for (const name of CONDITIONS) headers.delete(name);
    // Not the client's signal: Codex disconnects after 5 s and asks again, and then the list should be there.
    const { signal } = new AbortController();
    const response = await this.#options.forward({ ...request, headers, signal });
    const answer = await this.#readWhole(response);
    if (answer && isList(answer)) this.#keep(url, answer);
    return answer;
  }

  async #readWhole(response: HttpAnswer): Promise<WholeAnswer | undefined> {
    const { status, headers } = response;
    const reading = await withDeadline(this.#options.clock, BODY_TIMEOUT_MS, async (signal) => {
      const body = streamOf(response.body)?.pipeThrough(new TransformStream(), { signal }) ?? null;
      const reading = await readBody({ headers, body }, MAX_BYTES);
      if (reading.kind === "too_large") await body?.cancel().catch(() => {});
      return reading;
    });
    return reading?.kind === "read" ? { status, headers, bytes: reading.bytes } : undefined;
  }

  #keep(url: string, answer: WholeAnswer): void {
    this.#kept.delete(url);
    this.#kept.set(url, { ...answer, fetchedMs: this.#options.clock.nowMs(), isOutdated: false });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_LISTS) this.#kept.delete(oldest!);
  }
}

// A page that a device on the way sends instead of the list has status 200, too.
function isList({ status, headers }: WholeAnswer): boolean {
  return status === 200 && /\bjson\b/i.test(headers.get("content-type") ?? "");
}

function fromCache({ status, headers: fetched, bytes, fetchedMs }: KeptModels, nowMs: number): WholeAnswer {
  const headers = new Headers({ age: String(Math.max(0, Math.floor((nowMs - fetchedMs) / 1000))) });
  for (const name of KEPT_HEADERS) {
    const value = fetched.get(name);
    if (value !== null) headers.set(name, value);
  }
  return { status, headers, bytes };
}

function toClient({ status, headers: answered, bytes }: WholeAnswer, request: ClientRequest): HttpAnswer {
  const headers = responseHeaders(answered, request);
  headers.delete("content-length");
  if (status === 200 && hasVersion(request.headers, answered.get("etag"))) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(bytes ?? null, { status, headers });
}

/** Whether the client names the version that there is (`If-None-Match`, RFC 9110 §13.1.2). */
function hasVersion(asked: Headers, etag: string | null): boolean {
  const named = asked.get("if-none-match");
  if (named === null || etag === null) return false;
  return named.trim() === "*" || named.split(",").some((name) => isSameEtag(name, etag));
}

// The weak comparison of RFC 9110 §8.8.3.2; `x-models-etag` may also come without quotes.
function isSameEtag(a: string, b: string): boolean {
  const bare = (etag: string) => etag.trim().replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
  return bare(a) === bare(b);
}
