import assert from "node:assert/strict";
import { anExchange } from "../support/exchange.ts";
import { browserLogin, manualLogin } from "../../src/credentials/browser_login.ts";
import type { LoginClient, LoginOutcome } from "../../src/credentials/login.ts";
import type { Handler } from "../../src/system/exchange.ts";
import type { Listen } from "../../src/system/http_server.ts";
import { ListenError } from "../../src/system/listen.ts";
import { randomKey } from "../../src/system/random.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";
import { asResponse } from "../support/http_answer.ts";

const TOKENS = { access_token: "at", refresh_token: "rt", id_token: "id" };

/** Ports of a machine, of which some are taken. */
class FakePorts {
  /** Our server; `undefined` when there is none. */
  handler: Handler | undefined;
  port = 0;
  readonly #taken: readonly number[];

  constructor(...taken: number[]) {
    this.#taken = taken;
  }

  readonly listen: Listen = ({ hostname, port }, handler) => {
    assert.equal(hostname, "127.0.0.1");
    if (this.#taken.includes(port)) throw new ListenError("address_in_use", "taken");
    [this.handler, this.port] = [handler, port];
    return {
      port,
      open: 0,
      shutdown: () => Promise.resolve(void (this.handler = undefined)),
    };
  };
}

/** A login in a browser that waits for its answer. */
class Waiting {
  readonly clock = new FakeClock();
  readonly send: FakeSend;
  readonly outcome: Promise<LoginOutcome>;
  #pageUrl = "";

  constructor(readonly ports = new FakePorts(), ...replies: Reply[]) {
    this.send = new FakeSend(...replies, answer(200, TOKENS));
    this.outcome = browserLogin(this.client, ports.listen, {
      random: randomKey,
      tell: (pageUrl) => this.#pageUrl = pageUrl,
    });
  }

  get client(): LoginClient {
    const { clock, send } = this;
    return { clock, send: send.send, issuer: "https://issuer.example", timeoutMs: 30_000, clientId: "app_1" };
  }

  get query(): URLSearchParams {
    return new URL(this.#pageUrl).searchParams;
  }

  get goodPath(): string {
    return `/auth/callback?code=ac_1&state=${this.query.get("state")}`;
  }

  /** A request of a browser or a program on this machine. */
  async visit(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
    assert.ok(this.ports.handler, "the login is over");
    const request = new Request(`http://127.0.0.1:${this.ports.port}${path}`, init);
    const response = await this.ports.handler(request, anExchange());
    return { status: response.status, text: await asResponse(response).text() };
  }

  get isOver(): boolean {
    return this.ports.handler === undefined;
  }
}

async function reasonOf(waiting: { outcome: Promise<LoginOutcome> }): Promise<string> {
  const outcome = await waiting.outcome;
  return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

Deno.test("browserLogin() ends with a good callback, and exchanges its code", async () => {
  const login = new Waiting();
  const { status, text } = await login.visit(login.goodPath);
  assert.equal(status, 200);
  assert.match(text, /You are logged in/);
  assert.doesNotMatch(text, /ac_1|"at"|state/);
  assert.equal(await reasonOf(login), "tokens");
  assert.ok(login.isOver);
  const form = new URLSearchParams(new TextDecoder().decode(login.send.requests[0]!.body));
  assert.equal(form.get("redirect_uri"), login.query.get("redirect_uri"));
});

for (
  const [path, status] of [
    ["/success", 404],
    ["/success?id_token=x", 404],
    ["/", 404],
    ["/auth/callback", 400],
    ["/auth/callback?code=ac_1", 400],
    ["/auth/callback?code=ac_1&state=forged", 400],
    ["/auth/callback?error=access_denied&state=forged", 400],
    ["/auth/callback?error=access_denied", 400],
    ["/auth/callback/?code=ac_1", 404],
  ] as const
) {
  Deno.test(`browserLogin() answers ${path} with ${status} and waits on`, async () => {
    const login = new Waiting();
    assert.equal((await login.visit(path)).status, status);
    assert.equal(login.send.requests.length, 0);
    await login.visit(login.goodPath);
    assert.equal(await reasonOf(login), "tokens");
  });
}

Deno.test("browserLogin() takes no callback but by GET", async () => {
  const login = new Waiting();
  assert.equal((await login.visit(login.goodPath, { method: "POST" })).status, 405);
  assert.ok(!login.isOver);
});

Deno.test("browserLogin() exchanges one code, however often the browser comes", async () => {
  const login = new Waiting();
  const visits = [login.visit(login.goodPath), login.visit(login.goodPath)];
  assert.deepEqual((await Promise.all(visits)).map(({ status }) => status), [200, 409]);
  assert.equal(login.send.requests.length, 1);
});

for (
  const [error, says] of [
    ["access_denied", /denied on the issuer's page/],
    ["server_error", /ended it \(server_error\)/],
    ["<b>", /ended it$/],
  ] as const
) {
  Deno.test(`browserLogin() fails when the issuer says ${error}`, async () => {
    const login = new Waiting();
    const path = `/auth/callback?error=${encodeURIComponent(error)}&state=${login.query.get("state")}`;
    const { status, text } = await login.visit(path);
    assert.equal(status, 400);
    assert.doesNotMatch(text, /<b>/);
    assert.match(await reasonOf(login), says);
  });
}

Deno.test("browserLogin() fails when the exchange fails", async () => {
  const login = new Waiting(new FakePorts(), answer(400, { error: "invalid_grant" }));
  assert.equal((await login.visit(login.goodPath)).status, 400);
  assert.match(await reasonOf(login), /gave no tokens \(status 400, invalid_grant\)/);
});

Deno.test("browserLogin() lets another program cancel it, but no web page", async () => {
  const login = new Waiting();
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    assert.equal((await login.visit("/cancel", { headers })).status, 403);
  }
  assert.equal((await login.visit("/cancel")).status, 200);
  assert.match(await reasonOf(login), /another program on this machine cancelled it/);
});

Deno.test("browserLogin() takes the second port when the first is taken, and asks nobody to go", async () => {
  const login = new Waiting(new FakePorts(1455));
  assert.equal(login.ports.port, 1457);
  assert.equal(login.query.get("redirect_uri"), "http://127.0.0.1:1457/auth/callback");
  await login.visit(login.goodPath);
  await login.outcome;
  assert.deepEqual(login.send.requests.map(({ url }) => url), ["https://issuer.example/oauth/token"]);
});

Deno.test("browserLogin() fails when both ports are taken", async () => {
  const outcome = await new Waiting(new FakePorts(1455, 1457)).outcome;
  assert.ok(outcome.kind === "failed");
  assert.match(outcome.reason, /ports 1455 and 1457 of this machine are taken/);
  assert.match(outcome.hint!, /--manual/);
});

Deno.test("browserLogin() gives up after ten minutes", async () => {
  const login = new Waiting();
  await login.clock.advance(600_000);
  assert.match(await reasonOf(login), /within 10m/);
  assert.ok(login.isOver);
});

/** A login in which the user pastes these lines, made from the page that was told. */
async function pasted(
  ...lines: ((state: string) => string)[]
): Promise<{ says: string; problems: unknown[] }> {
  const [send, clock] = [new FakeSend(answer(200, TOKENS)), new FakeClock()];
  const client = {
    clock,
    send: send.send,
    issuer: "https://issuer.example",
    timeoutMs: 30_000,
    clientId: "app_1",
  };
  let state = "";
  const problems: unknown[] = [];
  const ask = (problem: string | undefined) => {
    problems.push(problem);
    return Promise.resolve(lines.shift()?.(state) ?? "");
  };
  const tell = (pageUrl: string) => state = new URL(pageUrl).searchParams.get("state")!;
  const outcome = await manualLogin(client, ask, { random: randomKey, tell });
  return { says: outcome.kind === "failed" ? outcome.reason : outcome.kind, problems };
}

const goodAddress = (state: string) => `http://127.0.0.1:1455/auth/callback?code=ac_1&state=${state}`;

Deno.test("manualLogin() takes the address on which the browser ended", async () => {
  assert.deepEqual(await pasted(goodAddress), { says: "tokens", problems: [undefined] });
});

Deno.test("manualLogin() asks again for an address of another login", async () => {
  const { says, problems } = await pasted(() => goodAddress("forged"), goodAddress);
  assert.equal(says, "tokens");
  assert.deepEqual(problems, [undefined, "its state is that of another login"]);
});

Deno.test("manualLogin() ends when nothing is pasted, and when the issuer said no", async () => {
  assert.match((await pasted()).says, /no address was pasted/);
  assert.match((await pasted(() => "ac_1")).says, /is of no use/);
  const denied = await pasted((state) => `?error=access_denied&state=${state}`);
  assert.match(denied.says, /denied on the issuer's page/);
});
