// An OpenAI API in which everything belongs to the account that made it: each token knows its own responses, files,
// conversations, vector stores and batches, and reads only what it has encrypted itself.

import { type Answer, json, sse, text } from "./answers.ts";
import type { FakeUpstream, UpstreamRequest } from "./fake_upstream.ts";

type Body = Readonly<Record<string, unknown>>;

const PREFIXES: Readonly<Record<string, string>> = {
  responses: "resp_",
  files: "file-",
  conversations: "conv_",
  vector_stores: "vs_",
  batches: "batch_",
};

/** Answers all requests of a fake upstream from what the account of their token has. */
export class AccountsApi {
  readonly #things = new Map<string, Set<string>>();
  #made = 0;

  constructor(upstream: FakeUpstream) {
    upstream.reply({}, (request) => this.#answer(request));
  }

  /** The account that made a thing, by its token. */
  makerOf(id: string): string | undefined {
    return [...this.#things].find(([, ids]) => ids.has(id))?.[0];
  }

  #answer(request: UpstreamRequest): Answer {
    const { method, path } = request;
    const [, collection = "", id, act] = /^\/v1\/(\w+)(?:\/([^/?]+))?(?:\/(\w+))?/.exec(path) ?? [];
    const own = this.#ofAccount(request);
    if (id === undefined) return method === "POST" ? this.#make(collection, request) : list(own, collection);
    if (!own.has(id)) return missing(collection, id);
    if (method === "DELETE") own.delete(id);
    if (act === "content") {
      return text(200, `content of ${id}`, { "content-type": "application/octet-stream" });
    }
    return json(200, { id, object: collection, act: act ?? null, ...outputOf(collection, id, own) });
  }

  #make(collection: string, request: UpstreamRequest): Answer {
    const body = bodyOf(request);
    const own = this.#ofAccount(request);
    const foreign = idsIn(body).find((id) => !own.has(id));
    if (foreign !== undefined) return missing(collection, foreign);
    if (isForeignText(body, request.token)) return undecipherable(body);
    const id = `${PREFIXES[collection]}${String(++this.#made).padStart(4, "0")}`;
    if (body["store"] !== false) own.add(id);
    const reasoning = { type: "reasoning", encrypted_content: `for ${request.token}` };
    const made = { id, object: collection, output: [reasoning], store: body["store"] ?? true };
    if (body["stream"] !== true) return json(200, made);
    return sse([
      { type: "response.created", response: { id, store: made.store } },
      { type: "response.output_text.delta", delta: "hi" },
      { type: "response.completed", response: made },
    ]);
  }

  #ofAccount({ token = "" }: UpstreamRequest): Set<string> {
    const own = this.#things.get(token) ?? new Set();
    this.#things.set(token, own);
    return own;
  }
}

function bodyOf({ headers, body }: UpstreamRequest): Body {
  const isJson = headers.get("content-type")?.includes("json");
  return isJson ? JSON.parse(new TextDecoder().decode(body)) : {};
}

function idsIn(body: Body): readonly string[] {
  const { previous_response_id, conversation, input_file_id, file_ids } = body;
  return [previous_response_id, conversation, input_file_id, file_ids].flat()
    .filter((id): id is string => typeof id === "string");
}

// A batch writes its results into a file, which nobody was given an id for before.
function outputOf(collection: string, id: string, own: Set<string>): Body {
  if (collection !== "batches") return {};
  const output_file_id = `file-out${id.slice(-4)}`;
  own.add(output_file_id);
  return { output_file_id };
}

function list(own: ReadonlySet<string>, collection: string): Answer {
  const ids = [...own].filter((id) => id.startsWith(PREFIXES[collection] ?? "?"));
  return json(200, { object: "list", data: ids.map((id) => ({ id })) });
}

function missing(collection: string, id: string): Answer {
  if (!id.startsWith("resp_") || collection !== "responses") {
    return json(404, { error: { message: `No ${collection} found with id '${id}'.`, code: null } });
  }
  const message = `Previous response with id '${id}' not found.`;
  return json(400, {
    error: { message, type: "invalid_request_error", code: "previous_response_not_found" },
  });
}

function isForeignText(body: Body, token: string | undefined): boolean {
  const texts = JSON.stringify(body).matchAll(/"encrypted_content":"for ([^"]*)"/g);
  return [...texts].some(([, owner]) => owner !== token);
}

function undecipherable(body: Body): Answer {
  const error = {
    code: "invalid_encrypted_content",
    message: "The encrypted content could not be verified.",
  };
  if (body["stream"] !== true) return json(400, { error });
  return sse([
    { type: "response.created", response: { id: "resp_none" } },
    { type: "response.failed", response: { error } },
  ]);
}
