/**
 * Questions that Codex asks its backend and that the proxy answers itself: no key of the pool may answer them, or the
 * answer is worth keeping.
 * @module
 */

import { claimsOf, openAiClaim } from "../auth/jwt.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { ClientRequest } from "../proxy/client_request.ts";
import { pinnedKey } from "../proxy/pin.ts";
import type { OwnAnswer, OwnAnswers } from "../proxy/own_answer.ts";
import { unknownKey, USAGE_UNKNOWN } from "../proxy/refusal.ts";
import { hasOwnLogin, responseHeaders } from "../proxy/rules.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { ModelsCache } from "./models_cache.ts";
import { type PoolUsage, usagePage } from "./pool_usage.ts";

/** What {@link CodexQuestions} works with. */
export interface CodexQuestionsOptions {
  /** Tells whose question a path is. */
  readonly upstream: Upstream;
  /** Dates the usage page. */
  readonly clock: Clock;
  /** Answers questions for models. */
  readonly models: ModelsCache;
  /** Knows what the keys have used. */
  readonly poolUsage: PoolUsage;
  /** Knows the key that a name means. */
  readonly pool: Pick<KeyPool, "called">;
}

const FORWARD: OwnAnswer = { kind: "forward" };

/** Answers Codex's questions in the upstream's place. */
export class CodexQuestions implements OwnAnswers {
  readonly #options: CodexQuestionsOptions;

  /** Answers for this upstream and pool. */
  constructor(options: CodexQuestionsOptions) {
    this.#options = options;
  }

  async answer(request: ClientRequest): Promise<OwnAnswer> {
    const { method, path, headers } = request;
    if (method !== "GET") return FORWARD;
    if (this.#isModelsQuestion(request)) {
      return { kind: "answer", response: await this.#options.models.answer(request) };
    }
    if (isAccountsCheck(path)) {
      const account = accountsCheck(headers);
      return account ? answerWith(account, request) : FORWARD;
    }
    return this.#isUsageQuestion(path) ? await this.#answerUsage(request) : FORWARD;
  }

  noteForwarded(headers: Headers): void {
    this.#options.models.noteEtag(headers.get("x-models-etag"));
  }

  // Lists outside the Codex routes belong to the user's own login.
  #isModelsQuestion({ path, query }: ClientRequest): boolean {
    const { route, isPersonal } = this.#options.upstream.target(path, query);
    return route === "models" && !isPersonal;
  }

  // Other upstreams have no usage page of this kind.
  #isUsageQuestion(path: string): boolean {
    return this.#options.upstream.isChatGpt && /\/(wham|api\/codex)\/usage$/.test(path);
  }

  async #answerUsage(request: ClientRequest): Promise<OwnAnswer> {
    const { poolUsage, pool, clock } = this.#options;
    const name = pinnedKey(request.headers);
    const pinned = name === undefined ? undefined : pool.called(name);
    if (pinned && pinned.kind !== "one") {
      return { kind: "refuse", refusal: unknownKey(pinned.problem, true) };
    }
    const key = await (pinned ? poolUsage.of(pinned.key.file) : poolUsage.best());
    if (key) return answerWith(usagePage(key, ownAccount(request.headers), wallMs(clock)), request);
    return !pinned && hasOwnLogin(request.headers) ? FORWARD : { kind: "refuse", refusal: USAGE_UNKNOWN };
  }
}

function answerWith(body: object, request: ClientRequest): OwnAnswer {
  const headers = responseHeaders(
    new Headers({ "cache-control": "no-store, no-transform", "x-cdx2-synthesized": "1" }),
    request,
  );
  return { kind: "answer", response: Response.json(body, { headers }) };
}

/** Codex asks before its first model request which backend serves its workspace, under two base paths. */
export function isAccountsCheck(path: string): boolean {
  return /\/(wham|api\/codex)\/accounts\/check$/.test(path);
}

/**
 * The answer for the account that the client itself is logged in to. A pool key's answer would name another account,
 * and Codex then sends no request at all; the real one may name an origin that Codex refuses over plain HTTP.
 * `undefined` when the client names no account.
 */
export function accountsCheck(headers: Headers): object | undefined {
  const id = ownAccount(headers);
  if (id === undefined) return undefined;
  const entry = {
    id,
    name: null,
    structure: "personal",
    plan_type: openAiClaim(ownClaims(headers), "chatgpt_plan_type") ?? "unknown",
    // Codex puts this origin in place of a model URL's only where both base URLs share one origin.
    workspace_backend_origin: "https://chatgpt.com",
    account_routing_override: "NO_CONSTRAINT",
  };
  return { accounts: [entry], account_ordering: [id], default_account_id: id };
}

/** The account that the client itself is logged in to. */
function ownAccount(headers: Headers): string | undefined {
  const id = headers.get("chatgpt-account-id") ?? openAiClaim(ownClaims(headers), "chatgpt_account_id");
  return typeof id === "string" && id !== "" ? id : undefined;
}

function ownClaims(headers: Headers) {
  return claimsOf(headers.get("authorization")?.replace(/^bearer\s+/i, "") ?? "");
}
