// A loopback stand-in for the issuer of logins and for the ChatGPT backend that believes only its live tokens. It does
// device login, the browser's page, exchange, renewal with rotation, and detection of a refresh token that is used
// twice, which revokes the whole login. Tests call its methods; programs know it by its URL.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { jwt } from "./jwt.ts";

/** How it behaves. Tests change the fields at any time. */
export interface IssuerSettings {
  /** Seconds that an access token lives. */
  ttlS: number;
  /** A used refresh token is honoured again for this long, with the current pair. */
  graceMs: number;
  /** `never`: the refresh token stays, and none is in the answer. */
  rotate: "always" | "never";
  /** What the user does on the page in the browser. */
  authorize: "approve" | "deny" | "wrong_state";
  /** `off`: as a server without device login; a number: approved by itself after that many milliseconds. */
  device: "manual" | "off" | number;
  /** Seconds between questions of the device flow; the real one sends text. */
  interval: string | number;
  /** Whether the answers hold an id token. */
  hasIdToken: boolean;
  /** Seconds that its clock is ahead. */
  skewS: number;
  /** Whose login the next one is; what is absent is made up. */
  nextLogin: { readonly email?: string; readonly account?: string };
  /** The first that fits is met, `times` counts down. */
  faults: Fault[];
}

/** Something that happens to a request in the place of the answer, or before it. */
export interface Fault {
  /** Default `/oauth/token`. */
  readonly path?: string;
  /** Of the token endpoint; absent: every one. */
  readonly grant?: string;
  readonly email?: string;
  /** Absent: for ever. */
  times?: number;
  readonly delayMs?: number;
  readonly status?: number;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `before`: nothing happens. `after`: the token is rotated, and the answer is lost. `half`: half of it comes. */
  readonly drop?: "before" | "after" | "half";
}

/** In each token that an issuer gives out. Other texts have random letters, in which less would be found by chance. */
export const IN_EACH_TOKEN = /eyJhbGci|rt_test/;

/** One login: all pairs of tokens that came of one another. */
export interface Family {
  readonly id: string;
  readonly email: string;
  readonly account: string;
  readonly client: string;
  isRevoked: boolean;
  refreshes: number;
  reuses: number;
  current: TokenPair;
}

/** The tokens of one generation. */
export interface TokenPair {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  /** Epoch seconds. */
  readonly endsAtS: number;
}

/** What was asked. No token is in it. */
export interface IssuerRequest {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly grant: string | undefined;
  /** The type of the body. */
  readonly type: string | undefined;
  readonly fields: readonly string[];
  /** Of the login that the request is about. */
  readonly email: string | undefined;
  readonly userAgent: string | undefined;
  /** Requests to the token endpoint at work at this moment, this one included. */
  readonly inFlight: number;
  status: number | "dropped";
  note: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly fields: Readonly<Record<string, string>>;
}

const DEVICE_MINUTES = 15;
const WINDOW_S = 18_000;

/** Starts one on a free port. */
export async function startIssuer(settings: Partial<IssuerSettings> = {}): Promise<Issuer> {
  const issuer = new Issuer(settings);
  await issuer.listen();
  return issuer;
}

export class Issuer implements AsyncDisposable {
  readonly settings: IssuerSettings;
  readonly requests: IssuerRequest[] = [];
  readonly families: Family[] = [];
  maxInFlight = 0;
  readonly #refreshTokens = new Map<string, { readonly family: Family; spentAtMs: number }>();
  readonly #accessTokens = new Map<string, { readonly family: Family; endsAtS: number }>();
  readonly #codes = new Map<string, { challenge: string; redirectUri: string; isUsed: boolean }>();
  readonly #devices = new Map<string, Device>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #inFlight = 0;

  constructor(settings: Partial<IssuerSettings>) {
    this.settings = {
      ttlS: 3600,
      graceMs: 0,
      rotate: "always",
      authorize: "approve",
      device: "manual",
      interval: "1",
      hasIdToken: true,
      skewS: 0,
      nextLogin: {},
      faults: [],
      ...settings,
    };
  }

  /** All that were given out for logins. */
  get codes(): readonly string[] {
    return [...this.#codes.keys()];
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What programs are given as the issuer. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the proxy is given as its upstream. */
  get upstreamUrl(): string {
    return `${this.url}/backend-api`;
  }

  /** Requests of one path so far. */
  requestsOf(path: string): readonly IssuerRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  /** Requests to the token endpoint that are at work. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How often a refresh token was used that had been used before. */
  get reuses(): number {
    return this.families.reduce((sum, { reuses }) => sum + reuses, 0);
  }

  /** A login that somebody has made, with its first tokens. */
  mint(of: { email?: string; account?: string; ttlS?: number; ageS?: number; client?: string } = {}): Family {
    const number = this.families.length + 1;
    const email = of.email ?? `user${number}@example.com`;
    const account = of.account ?? `acct-${String(number).padStart(4, "0")}`;
    const family = {
      id: `family-${number}`,
      email,
      account,
      client: of.client ?? "app_EMoamEEZ73f0CkXaXp7hrann",
      isRevoked: false,
      refreshes: 0,
      reuses: 0,
      current: NO_TOKENS,
    };
    this.families.push(family);
    this.#issue(family, of);
    return family;
  }

  /** The text of an auth file, as Codex writes it. */
  authFile({ current: { endsAtS: _, ...tokens }, account }: Family): string {
    const file = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens: { ...tokens, account_id: account } };
    return JSON.stringify({ ...file, last_refresh: new Date().toISOString() }, null, 2);
  }

  /** The user at the page of the device flow. */
  decide(userCode: string, decision: "approve" | "deny"): void {
    const device = [...this.#devices.values()].find((known) => known.userCode === userCode);
    if (!device) throw new Error(`no device login has the code ${userCode}`);
    device.state = decision;
  }

  /** From now on the access tokens of a login are refused, although their end lies ahead. */
  expire(family: Family): void {
    for (const token of this.#accessTokens.values()) if (token.family === family) token.endsAtS = 0;
  }

  /** `ageS`: as if it had been given out that many seconds ago. */
  #issue(family: Family, { ttlS = this.settings.ttlS, ageS = 0 } = {}): void {
    const nowS = Math.floor(Date.now() / 1000) + this.settings.skewS;
    const user = `user-${family.id}`;
    const openAi = { chatgpt_account_id: family.account, chatgpt_plan_type: "plus", chatgpt_user_id: user };
    const claims = {
      iss: "https://auth.openai.com",
      iat: nowS - ageS,
      jti: random(9),
      session_id: `authsess_${family.id}`,
      "https://api.openai.com/auth": openAi,
    };
    const endsAtS = nowS + ttlS;
    family.current = {
      access_token: jwt({ ...claims, exp: endsAtS, client_id: family.client }),
      id_token: jwt({ ...claims, exp: nowS + 3600, email: family.email }),
      refresh_token: `rt_test.${random(30)}`,
      endsAtS,
    };
    this.#refreshTokens.set(family.current.refresh_token, { family, spentAtMs: 0 });
    this.#accessTokens.set(family.current.access_token, { family, endsAtS });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readRequest(request);
    const isToken = asked.path === "/oauth/token";
    if (isToken) this.maxInFlight = Math.max(this.maxInFlight, ++this.#inFlight);
    const entry = this.#entryFor(asked);
    this.requests.push(entry);
    try {
      await this.#answer(asked, entry, request, response);
    } finally {
      if (isToken) this.#inFlight--;
    }
  }

  async #answer(
    asked: Asked,
    entry: IssuerRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.#faultFor(asked, entry);
    if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const drop = () => {
      entry.status = "dropped";
      request.socket.destroy();
    };
    if (fault?.drop === "before") return drop();
    const answer: Answer = fault?.status === undefined
      ? this.#route(asked, entry)
      : { body: {}, ...fault, status: fault.status };
    if (fault?.drop === "after") return drop();
    entry.status = answer.status;
    const text = answer.text ??
      (typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {}));
    const headers = { "content-type": "application/json", ...answer.headers };
    response.writeHead(answer.status, {
      ...headers,
      "content-length": new TextEncoder().encode(text).length,
    });
    if (fault?.drop !== "half") return void response.end(text);
    response.write(text.slice(0, text.length / 2));
    setTimeout(() => request.socket.destroy(), 20);
  }

  #entryFor({ method, path, headers, fields }: Asked): IssuerRequest {
    return {
      atMs: Date.now(),
      method,
      path,
      grant: fields["grant_type"],
      type: headers["content-type"],
      fields: Object.keys(fields),
      email: this.#familyOf(fields["refresh_token"] ?? fields["token"], headers)?.email,
      userAgent: headers["user-agent"],
      inFlight: this.#inFlight,
      status: "dropped",
      note: undefined,
    };
  }

  #familyOf(refreshToken: string | undefined, headers: Asked["headers"]): Family | undefined {
    return this.#refreshTokens.get(refreshToken ?? "")?.family ??
      this.#accessTokens.get(bearer(headers))?.family;
  }

  #faultFor({ path }: Asked, { grant, email }: IssuerRequest): Fault | undefined {
    const fault = this.settings.faults.find((fault) =>
      fault.times !== 0 && (fault.path ?? "/oauth/token") === path &&
      (fault.grant === undefined || fault.grant === grant) &&
      (fault.email === undefined || fault.email === email)
    );
    if (fault?.times !== undefined) fault.times--;
    return fault;
  }

  #route(asked: Asked, entry: IssuerRequest): Answer {
    const { path } = asked;
    if (path === "/oauth/token") return this.#token(asked.fields, entry);
    if (path === "/oauth/authorize") return this.#authorize(asked.query);
    if (path === "/oauth/revoke") return this.#revoke(asked.fields["token"] ?? "");
    if (path === "/api/accounts/deviceauth/usercode") return this.#newDevice();
    if (path === "/api/accounts/deviceauth/token") return this.#askDevice(asked.fields);
    if (path.endsWith("/user-auth-credential/whoami")) return whoami(bearer(asked.headers));
    if (path === "/codex/device") return { status: 200, text: "the page for the code" };
    if (path.startsWith("/backend-api/")) return this.#backend(asked);
    return { status: 404, body: { detail: "Not Found" } };
  }

  #token(fields: Asked["fields"], entry: IssuerRequest): Answer {
    const { grant_type: grant = "" } = fields;
    if (grant === "authorization_code") return this.#exchange(fields, entry);
    if (grant === "refresh_token") return this.#refresh(fields["refresh_token"] ?? "", entry);
    return { status: 400, body: { error: "unsupported_grant_type" } };
  }

  #exchange(fields: Asked["fields"], entry: IssuerRequest): Answer {
    const code = this.#codes.get(fields["code"] ?? "");
    const refused = (note: string): Answer => {
      entry.note = note;
      return { status: 400, body: { error: "invalid_grant", error_description: note } };
    };
    if (!code || code.isUsed) return refused("unknown or used code");
    if (code.redirectUri !== fields["redirect_uri"]) return refused("another redirect_uri");
    if (code.challenge !== challengeOf(fields["code_verifier"] ?? "")) return refused("PKCE failed");
    code.isUsed = true;
    return this.#tokens(this.mint({ ...this.settings.nextLogin, client: fields["client_id"] ?? "" }), true);
  }

  #refresh(token: string, entry: IssuerRequest): Answer {
    const known = this.#refreshTokens.get(token);
    if (!known) return refusal(401, "refresh_token_invalidated");
    const { family, spentAtMs } = known;
    if (family.isRevoked) return refusal(401, "refresh_token_invalidated");
    if (spentAtMs > 0) {
      if (Date.now() - spentAtMs < this.settings.graceMs) return this.#tokens(family, true);
      family.reuses++;
      family.isRevoked = true;
      entry.note = "reuse";
      return refusal(401, "refresh_token_reused");
    }
    family.refreshes++;
    const keeps = this.settings.rotate === "never";
    if (!keeps) known.spentAtMs = Date.now();
    this.#issue(family);
    if (keeps) family.current = { ...family.current, refresh_token: token };
    return this.#tokens(family, !keeps);
  }

  #tokens({ current }: Family, hasRefreshToken: boolean): Answer {
    const { access_token, id_token, refresh_token, endsAtS } = current;
    const body = {
      access_token,
      ...(this.settings.hasIdToken && { id_token }),
      ...(hasRefreshToken && { refresh_token }),
      token_type: "Bearer",
      expires_in: endsAtS - Math.floor(Date.now() / 1000),
    };
    return { status: 200, body };
  }

  #authorize(query: URLSearchParams): Answer {
    const target = new URL(query.get("redirect_uri") ?? "");
    const [challenge, state] = [query.get("code_challenge") ?? "", query.get("state") ?? ""];
    if (query.get("code_challenge_method") !== "S256" || !state) return { status: 400 };
    if (this.settings.authorize === "deny") {
      target.searchParams.set("error", "access_denied");
    } else {
      const code = `ac_${random(24)}`;
      this.#codes.set(code, { challenge, redirectUri: query.get("redirect_uri") ?? "", isUsed: false });
      target.searchParams.set("code", code);
    }
    target.searchParams.set("state", this.settings.authorize === "wrong_state" ? "forged" : state);
    return { status: 302, headers: { location: target.href } };
  }

  #revoke(token: string): Answer {
    const family = this.#familyOf(token, {}) ?? this.#accessTokens.get(token)?.family;
    if (family) family.isRevoked = true;
    return { status: 200 };
  }

  #newDevice(): Answer {
    const { device, interval } = this.settings;
    if (device === "off") return { status: 404, body: { detail: "Not Found" } };
    const made = new Device();
    this.#devices.set(made.id, made);
    return { status: 200, body: { device_auth_id: made.id, user_code: made.userCode, interval } };
  }

  #askDevice(fields: Asked["fields"]): Answer {
    const device = this.#devices.get(fields["device_auth_id"] ?? "");
    if (!device || device.userCode !== fields["user_code"]) return refusal(404, "deviceauth_not_found");
    const { device: mode } = this.settings;
    if (typeof mode === "number" && device.ageMs >= mode && device.state === "pending") {
      device.state = "approve";
    }
    if (device.state === "deny") return refusal(400, "deviceauth_denied");
    if (device.ageMs > DEVICE_MINUTES * 60_000) return refusal(400, "deviceauth_expired");
    if (device.state === "pending") return refusal(403, "deviceauth_authorization_unknown");
    const [code, challenge] = [`ac_${random(24)}`, challengeOf(device.verifier)];
    this.#codes.set(code, { challenge, redirectUri: `${this.url}/deviceauth/callback`, isUsed: false });
    const body = { authorization_code: code, code_challenge: challenge, code_verifier: device.verifier };
    return { status: 200, body };
  }

  #backend({ path, method, headers }: Asked): Answer {
    const token = this.#accessTokens.get(bearer(headers));
    if (!token || token.family.isRevoked) return refusal(401, "token_invalidated");
    if (Date.now() / 1000 + this.settings.skewS >= token.endsAtS) return refusal(401, "token_expired");
    const account = headers["chatgpt-account-id"];
    if (account && account !== token.family.account) return refusal(403, "account_mismatch");
    if (path.endsWith("/usage")) return { status: 200, body: usagePage() };
    if (path.endsWith("/models")) return { status: 200, body: { models: [] } };
    if (method === "POST" && path.endsWith("/responses")) return modelAnswer(token.family.email);
    return { status: 404, body: { detail: "Not Found" } };
  }
}

class Device {
  readonly id = `deviceauth_${random(12)}`;
  readonly userCode = `${random(3).toUpperCase()}-${random(3).toUpperCase()}`;
  readonly verifier = random(48);
  readonly #bornAtMs = Date.now();
  state: "pending" | "approve" | "deny" = "pending";

  get ageMs(): number {
    return Date.now() - this.#bornAtMs;
  }
}

const NO_TOKENS: TokenPair = { access_token: "", id_token: "", refresh_token: "", endsAtS: 0 };

async function readRequest(request: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of request) text += chunk;
  const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://issuer");
  const { method = "GET", headers } = request;
  return { method, path, query, headers, fields: fieldsIn(text, headers["content-type"] ?? "") };
}

function fieldsIn(text: string, type: string): Asked["fields"] {
  if (type.includes("x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function bearer(headers: Asked["headers"]): string {
  return (headers.authorization ?? "").replace(/^Bearer /i, "");
}

function whoami(token: string): Answer {
  if (!token.startsWith("at-")) return refusal(401, "invalid_token");
  const body = { email: "pat@example.com", chatgpt_user_id: "user-pat", chatgpt_account_id: "acct-pat" };
  return { status: 200, body: { ...body, chatgpt_plan_type: "plus", chatgpt_account_is_fedramp: false } };
}

function refusal(status: number, code: string): Answer {
  return {
    status,
    body: { error: { message: `refused: ${code}`, type: "invalid_request_error", param: null, code } },
  };
}

function usagePage(): unknown {
  const window = (seconds: number) => ({
    used_percent: 10,
    limit_window_seconds: seconds,
    reset_after_seconds: 600,
    reset_at: Math.floor(Date.now() / 1000) + 600,
  });
  const rate_limit = {
    allowed: true,
    limit_reached: false,
    primary_window: window(WINDOW_S),
    secondary_window: window(604_800),
  };
  return { plan_type: "plus", rate_limit };
}

function modelAnswer(email: string): Answer {
  const content = [{ type: "output_text", text: `hi from ${email}`, annotations: [] }];
  const item = { type: "message", id: "msg_1", role: "assistant", status: "completed", content };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const events = [
    { type: "response.created", response: { id: "resp_1", status: "in_progress" } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "resp_1", status: "completed", output: [item], usage } },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return { status: 200, headers: { "content-type": "text/event-stream" }, text };
}

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
