// Plays what the upstream may do against the real program: one proxy for a whole table, three fresh keys for each row.

import assert from "node:assert/strict";
import type { FakeUpstream, Reply } from "./fake_upstream.ts";
import { replaceKeys } from "./fresh_keys.ts";
import type { Home } from "./program.ts";
import { type ProxySetup, type RunningProxy, startProxyWith } from "./running_proxy.ts";
import type { Service } from "./service.ts";

export interface Situation {
  /** Completes "when the upstream …". */
  readonly what: string;
  /** What each of the keys a, b and c is answered, in this order; a list is used up one by one. One that is not asked may be left out. */
  readonly answers: readonly (Reply | readonly [Reply, ...Reply[]])[];
  /** Default `POST /v1/responses`. */
  readonly method?: string;
  readonly path?: string;
  /** Default an empty JSON object; none for GET. */
  readonly body?: unknown;
  /** Further headers of the client. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often the client asks; the last answer counts, the trace is of all. Default once. */
  readonly times?: number;
  /** The status that the client gets; `broken` after it: its stream breaks. */
  readonly client: string;
  /** A text in what the client gets. */
  readonly says?: string;
  /** O: OK, C: COOLDOWN, B: BLACKLIST, for a, b and c. */
  readonly keys: string;
  /** `key status outcome` for each attempt. */
  readonly trace: readonly string[];
}

/** What came of a situation, in the words of its expectations. */
export interface Played {
  readonly client: string;
  readonly body: string;
  readonly headers: Headers;
  readonly keys: string;
  readonly trace: readonly string[];
}

/** A proxy with an upstream of its own. */
export class Stage implements AsyncDisposable {
  readonly #upstream: FakeUpstream;
  readonly #home: Home;
  readonly #service: Service;
  #rows = 0;

  private constructor({ upstream, home, service }: RunningProxy) {
    this.#upstream = upstream;
    this.#home = home;
    this.#service = service;
  }

  /** `env` goes over the environment of the proxy; `basePath` as in {@link startFakeUpstream}. */
  static async open(env?: ProxySetup["env"], basePath?: string): Promise<Stage> {
    return new Stage(await startProxyWith([], { env, basePath }));
  }

  async play(situation: Situation): Promise<Played> {
    const row = ++this.#rows;
    await this.#setKeys(row, situation);
    const before = (await this.#trace()).length;
    // A connection that breaks right after the head may take the head with it.
    const isBroken = situation.client.endsWith(" broken");
    let response: Response | undefined;
    let body = "";
    for (let time = 0; time < (situation.times ?? 1); time++) {
      response = await this.#ask(situation).catch((error) => {
        if (!isBroken) throw error;
        return undefined;
      });
      body = await response?.text().catch(() => " broken") ?? " broken";
    }
    const rows = (await this.#trace()).slice(before);
    const accounts = await this.#service.accounts();
    return {
      client: `${response?.status ?? 200}${body === " broken" ? body : ""}`,
      body,
      headers: response?.headers ?? new Headers(),
      keys: accounts.map(({ status }) => status[0]).join(""),
      trace: rows.map(({ auth_file, status, outcome }) => `${auth_file[0]} ${status} ${outcome}`),
    };
  }

  /** Plays a situation, and checks all that is expected of it. */
  async check(situation: Situation): Promise<void> {
    const { client, body, trace, keys } = await this.play(situation);
    const { says = "" } = situation;
    assert.equal(client, situation.client, body.slice(0, 300));
    assert.ok(body.includes(says), `"${says}" is missing in ${body.slice(0, 300)}`);
    assert.deepEqual(trace, situation.trace);
    assert.equal(keys, situation.keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
  }

  async #setKeys(row: number, { answers }: Situation): Promise<void> {
    const tokens: Record<string, string> = {};
    for (const [at, name] of ["a", "b", "c"].entries()) {
      const token = `token-of-${name}-${row}`;
      const answer = answers[at];
      if (answer) this.#upstream.forToken(token, answer);
      tokens[`${name}${row}.json`] = token;
    }
    await replaceKeys(this.#home, this.#service, tokens);
  }

  #ask({ method = "POST", path = "/v1/responses", body, headers }: Situation): Promise<Response> {
    const hasBody = method !== "GET" && method !== "DELETE";
    return fetch(this.#service.baseUrl + path, {
      method,
      headers: { ...(hasBody ? { "content-type": "application/json" } : {}), ...headers },
      body: hasBody ? JSON.stringify(body ?? {}) : null,
    });
  }

  async #trace(): Promise<{ auth_file: string; status: number | null; outcome: string }[]> {
    return (await this.#manage("/trace?limit=500")).events;
  }

  // deno-lint-ignore no-explicit-any -- pages have schemas of their own; here a few fields are read
  async #manage(path: string): Promise<any> {
    return await (await this.#service.manage(path)).json();
  }
}
