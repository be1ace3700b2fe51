/**
 * Answers `GET …/models` from memory: Codex waits for the list before its first request, and a slow upstream costs
 * it 15 s. A list that is no longer fresh still goes out at once, while one request behind the client's back
 * fetches the next.
 * @module
 */

import { type Clock, withDeadline } from "../system/clock.ts";
import { readBody } from "../upstream/body.ts";
import type { ClientRequest } from "../proxy/client_request.ts";
import { responseHeaders } from "../proxy/rules.ts";
import type { Upstream } from "../upstream/upstream.ts";

export interface ModelsCachePorts {
  readonly clock: Clock;
  readonly upstream: Upstream;
  /** Asks the upstream, with a key. */
  readonly forward: (request: ClientRequest) => Promise<Response>;
}

/** A whole answer of the upstream. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** A list of models that is kept. */
export interface KeptModels extends Answer {
  readonly fetchedMs: number;
  /** The upstream has named another version since. */
  readonly isOutdated: boolean;
}

export type ModelsPlan =
  | { readonly kind: "serve" | "serve_and_refresh"; readonly kept: KeptModels }
  | { readonly kind: "fetch" };

// Models come and go by the week, and `x-models-etag` tells of a change sooner.
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
// Whoever fetches for all of them wants the whole list.
const CONDITIONS = ["if-none-match", "if-modified-since", "range"];

/** What to do with a question for models, given what is kept for it. */
export function planModels(kept: KeptModels | undefined, nowMs: number): ModelsPlan {
  if (!kept || nowMs >= kept.fetchedMs + USABLE_MS) return { kind: "fetch" };
  const isFresh = !kept.isOutdated && nowMs < kept.fetchedMs + FRESH_MS;
  return { kind: isFresh ? "serve" : "serve_and_refresh", kept };
}

export class ModelsCache {
  readonly #ports: ModelsCachePorts;
  /** By the URL at the upstream; the one fetched longest ago comes first. */
  readonly #kept = new Map<string, KeptModels>();
  /** One fetch per URL, for all who wait; `undefined` from those that cannot be shared. */
  readonly #fetches = new Map<string, Promise<Answer | undefined>>();

  constructor(ports: ModelsCachePorts) {
    this.#ports = ports;
  }

  async answer(request: ClientRequest): Promise<Response> {
    const { url } = this.#ports.upstream.target(request.path, request.query);
    const nowMs = this.#ports.clock.nowMs();
    const plan = planModels(this.#kept.get(url), nowMs);
    if (plan.kind === "serve_and_refresh") void this.#fetchOnce(url, request);
    if (plan.kind !== "fetch") return toClient(fromCache(plan.kept, nowMs), request);
    const fetched = await this.#fetchOnce(url, request);
    return fetched ? toClient(fetched, request) : await this.#ports.forward(request);
  }

  /** Takes the `x-models-etag` of an answer to another request. Codex asks again until its list has that version. */
  noteEtag(etag: string | null): void {
    if (etag === null) return;
    for (const [url, kept] of this.#kept) {
      const known = kept.headers.get("etag");
      if (known !== null && !isSameEtag(known, etag)) this.#kept.set(url, { ...kept, isOutdated: true });
    }
  }

  #fetchOnce(url: string, request: ClientRequest): Promise<Answer | undefined> {
    const running = this.#fetches.get(url);
    if (running) return running;
    const fetching = this.#fetch(url, request)
      // Whoever waits then asks alone, and meets the error where it is reported.
      .catch(() => undefined)
      .finally(() => this.#fetches.delete(url));
    this.#fetches.set(url, fetching);
    return fetching;
  }

  async #fetch(url: string, request: ClientRequest): Promise<Answer | undefined> {
    const headers = new Headers(request.headers);
    for (const name of CONDITIONS) headers.delete(name);
    // Not the client's signal: Codex leaves after 5 s and asks again, and then the list should be there.
    const { signal } = new AbortController();
    const response = await this.#ports.forward({ ...request, headers, signal });
    const answer = await this.#readWhole(response);
    if (answer && isList(answer)) this.#keep(url, answer);
    return answer;
  }

  async #readWhole(response: Response): Promise<Answer | undefined> {
    const { status, headers } = response;
    const reading = await withDeadline(this.#ports.clock, BODY_TIMEOUT_MS, async (signal) => {
      const body = response.body?.pipeThrough(new TransformStream(), { signal }) ?? null;
      const reading = await readBody({ headers, body }, MAX_BYTES);
      if (reading.kind === "too_large") await body?.cancel().catch(() => {});
      return reading;
    });
    return reading?.kind === "read" ? { status, headers, bytes: reading.bytes } : undefined;
  }

  #keep(url: string, answer: Answer): void {
    this.#kept.delete(url);
    this.#kept.set(url, { ...answer, fetchedMs: this.#ports.clock.nowMs(), isOutdated: false });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_LISTS) this.#kept.delete(oldest!);
  }
}

// A page that some box on the way put in the list's place comes as 200, too.
function isList({ status, headers }: Answer): boolean {
  return status === 200 && /\bjson\b/i.test(headers.get("content-type") ?? "");
}

function fromCache({ status, headers: fetched, bytes, fetchedMs }: KeptModels, nowMs: number): Answer {
  const headers = new Headers({ age: String(Math.max(0, Math.floor((nowMs - fetchedMs) / 1000))) });
  for (const name of KEPT_HEADERS) {
    const value = fetched.get(name);
    if (value !== null) headers.set(name, value);
  }
  return { status, headers, bytes };
}

function toClient({ status, headers: answered, bytes }: Answer, request: ClientRequest): Response {
  const headers = responseHeaders(answered, request.requestId);
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
