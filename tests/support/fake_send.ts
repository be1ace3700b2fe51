// An upstream in memory: answers each request from a script and remembers what it was asked.

import { type Send, SendError, type SendFailure, type UpstreamRequest } from "../../src/system/http.ts";

/** What one request meets. `hang` answers only to its abort. */
export type Reply = (() => Response) | SendFailure | "hang";

export class FakeSend {
  readonly requests: UpstreamRequest[] = [];
  readonly #replies: Reply[];

  /** The last reply repeats. */
  constructor(...replies: Reply[]) {
    this.#replies = replies;
  }

  readonly send: Send = (request) => {
    const reply = this.#replies[Math.min(this.requests.length, this.#replies.length - 1)] ?? "hang";
    this.requests.push(request);
    if (reply === "hang") return untilAborted(request.signal);
    if (typeof reply === "string") return Promise.reject(new SendError(reply, "connection refused"));
    return Promise.resolve(reply());
  };

  /** The tokens of the requests so far, in order. */
  get tokens(): string[] {
    return this.requests.map(({ headers }) => headers.get("authorization")?.replace("Bearer ", "") ?? "-");
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(new SendError("aborted", "the attempt was ended"));
    if (signal.aborted) give();
    signal.addEventListener("abort", give);
  });
}

/** A reply with a JSON body. */
export function answer(
  status: number,
  body: unknown = {},
  headers: Record<string, string> = {},
): () => Response {
  return () => Response.json(body, { status, headers });
}

/** A reply that streams texts as server-sent events, then ends; or breaks, when `isBroken`. */
export function eventStream(texts: readonly string[], { isBroken = false } = {}): () => Response {
  return () => {
    const rest = [...texts];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = rest.shift();
        if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
        else if (isBroken) controller.error(new Error("connection reset"));
        else controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  };
}
