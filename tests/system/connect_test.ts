import assert from "node:assert/strict";
import { systemClock as clock } from "../../src/system/clock.ts";
import { addressOf, canConnect, connect, type ConnectOptions } from "../../src/system/connect.ts";
import { SendError } from "../../src/system/http.ts";
import { closeQuietly, readMore, writeAll } from "../../src/system/wire.ts";
import { aCertificate } from "../support/certificate.ts";
import { FakeHttpProxy } from "../support/fake_http_proxy.ts";
import { testWith } from "../support/installed.ts";
import { runScript } from "../support/script.ts";
import { unusedPort } from "../support/unused_port.ts";

const LOOPBACK = "127.0.0.1";

for (
  const [url, expected] of [
    ["https://chatgpt.com/backend-api", ["chatgpt.com", 443, "chatgpt.com:443", true]],
    ["http://localhost", ["localhost", 80, "localhost:80", false]],
    ["http://127.0.0.1:8080/a?b", ["127.0.0.1", 8080, "127.0.0.1:8080", false]],
    ["https://[::1]", ["::1", 443, "[::1]:443", true]],
    ["https://[2001:db8::1]:8443", ["2001:db8::1", 8443, "[2001:db8::1]:8443", true]],
  ] as const
) {
  Deno.test(`addressOf() reads ${url}`, () => {
    const { hostname, port, authority, isTls } = addressOf(new URL(url));
    assert.deepEqual([hostname, port, authority, isTls], expected);
  });
}

/** Listens, answers the first bytes of each connection with `answer`, and collects what comes. */
class Server implements Disposable {
  readonly received: string[] = [];
  /** The connections that the other side has ended. */
  ended = 0;
  readonly #listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  readonly #answer: string;

  constructor(answer = "") {
    this.#answer = answer;
    void this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  url(scheme = "http"): URL {
    return new URL(`${scheme}://${LOOPBACK}:${this.port}/`);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) void this.#serve(connection);
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    try {
      for (let more = await readMore(connection as Deno.TcpConn); more;) {
        this.received.push(new TextDecoder().decode(more));
        if (this.#answer) await connection.write(new TextEncoder().encode(this.#answer));
        more = await readMore(connection as Deno.TcpConn);
      }
    } catch {
      // Reset is an end too.
    }
    this.ended++;
    connection.close();
  }
}

function open(url: URL, options: Partial<ConnectOptions> = {}) {
  const { signal } = new AbortController();
  return connect(addressOf(url), { clock, signal, timeoutMs: 5000, httpProxy: undefined, ...options });
}

async function failureOf(opening: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await opening.then(() => "connected", (error) => error);
  assert.ok(error instanceof SendError, String(error));
  return [error.failure, error.message];
}

async function exchange(url: URL, options: Partial<ConnectOptions> = {}): Promise<string> {
  const connection = await open(url, options);
  await writeAll(connection, new TextEncoder().encode("question"));
  const answer = new TextDecoder().decode(await readMore(connection));
  closeQuietly(connection);
  return answer;
}

Deno.test("connect() opens a connection, directly and through an HTTP proxy", async () => {
  using server = new Server("answer");
  await using proxy = new FakeHttpProxy();
  assert.equal(await exchange(server.url()), "answer");
  const withCredentials = proxy.url.replace("//", "//us%40er:pass%C3%A9@");
  for (const httpProxy of [proxy.url, withCredentials]) {
    assert.equal(await exchange(server.url(), { httpProxy: new URL(httpProxy) }), "answer");
  }
  const target = `127.0.0.1:${server.port}`;
  const plain = [`CONNECT ${target} HTTP/1.1`, `host: ${target}`];
  const basic = `proxy-authorization: Basic ${new TextEncoder().encode("us@er:passé").toBase64()}`;
  assert.deepEqual(proxy.heads, [plain, [...plain, basic]]);
});

Deno.test("connect() says why there is no connection", async () => {
  using server = new Server("answer");
  using silent = new Server();
  await using proxy = new FakeHttpProxy();
  const refusing = new URL(`http://${LOOPBACK}:${unusedPort()}`);
  const httpProxy = new URL(proxy.url);
  const proxyAnswers = (answer: string) => {
    proxy.answer = answer;
    return open(server.url(), { httpProxy });
  };
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    ["nobody listens", () => open(refusing), /^connection refused$/],
    ["no such name", () => open(new URL("http://no-such-name.invalid")), /name/],
    [
      "the HTTP proxy does not run",
      () => open(server.url(), { httpProxy: refusing }),
      /^connection refused$/,
    ],
    [
      "the HTTP proxy wants a password",
      () => proxyAnswers("HTTP/1.1 407 Who?\r\n\r\n"),
      /^the HTTP proxy answered with status 407$/,
    ],
    ["the HTTP proxy speaks on", () => proxyAnswers("HTTP/1.1 200 OK\r\n\r\nx"), /sent more than an answer/],
    ["the HTTP proxy leaves", () => proxyAnswers("HTTP/1.1 200 O"), /closed the connection/],
    ["the HTTP proxy does not speak HTTP", () => proxyAnswers("SSH-2.0\r\n\r\n"), /not http/i],
    ["the server does not speak TLS", () => open(server.url("https")), /./],
    ["TLS never comes", () => open(silent.url("https"), { timeoutMs: 50 }), /^no connection within 50ms$/],
    [
      "the HTTP proxy never answers",
      () => open(server.url(), { httpProxy: silent.url(), timeoutMs: 50 }),
      /^no connection within 50ms$/,
    ],
  ];
  for (const [when, act, reason] of cases) {
    const [failure, message] = await failureOf(act());
    assert.equal(failure, "not_sent", when);
    assert.match(message, reason, when);
  }
});

Deno.test("connect() ends with its signal, whatever it waits for", async () => {
  using silent = new Server();
  const waits: [URL, Partial<ConnectOptions>][] = [
    [silent.url("https"), {}],
    [silent.url(), { httpProxy: silent.url() }],
    [silent.url("https"), { httpProxy: silent.url() }],
  ];
  for (const [url, options] of waits) {
    const leaving = new AbortController();
    const opening = failureOf(open(url, { ...options, signal: leaving.signal }));
    const count = silent.received.length;
    while (silent.received.length === count) await new Promise((resolve) => setTimeout(resolve, 1));
    leaving.abort();
    assert.equal((await opening)[0], "aborted");
    assert.equal((await failureOf(open(url, { ...options, signal: leaving.signal })))[0], "aborted");
  }
});

Deno.test("canConnect() tells whether somebody listens, and speaks TLS where that is needed", async () => {
  using server = new Server();
  const can = (url: string, timeoutMs = 1000) => canConnect(addressOf(new URL(url)), { clock, timeoutMs });
  assert.equal(await can(server.url().href), true);
  assert.equal(await can(`http://${LOOPBACK}:${unusedPort()}`), false);
  const startedMs = performance.now();
  assert.equal(await can(server.url("https").href, 50), false);
  assert.ok(performance.now() - startedMs >= 49);
});

testWith("openssl", "connect() trusts the private authority in DENO_CERT, and no other", async () => {
  await using certificate = await aCertificate();
  using listener = Deno.listenTls({
    hostname: LOOPBACK,
    port: 0,
    cert: certificate.cert,
    key: certificate.key,
  });
  void (async () => {
    for await (const connection of listener) {
      connection.write(new TextEncoder().encode("answer")).then(() => connection.close(), () => {});
    }
  })();
  await using proxy = new FakeHttpProxy();
  const code = (hostname: string, httpProxy: string) =>
    `const options = { clock: systemClock, signal: new AbortController().signal, timeoutMs: 5000, httpProxy: ${httpProxy} };
      const to = it.addressOf(new URL("https://${hostname}:${(listener.addr as Deno.NetAddr).port}"));
      console.log(await it.connect(to, options).then(readMore).then((b) => new TextDecoder().decode(b), (e) => e.failure + " " + e.message));
      Deno.exit();`;
  const moduleAt = (name: string) => new URL(`../../src/system/${name}`, import.meta.url);
  const run = async (
    { hostname = "localhost", httpProxy = "undefined" },
    env: Record<string, string> = { DENO_CERT: certificate.authorityFile },
  ) => {
    const imports = `import { systemClock } from "${moduleAt("clock.ts")}"; import { readMore } from "${
      moduleAt("wire.ts")
    }";`;
    const script = `${imports} ${code(hostname, httpProxy)}`;
    return (await runScript("system/connect.ts", script, env)).stdout.trim();
  };
  const answers = await Promise.all([
    run({}),
    run({ hostname: LOOPBACK }),
    run({ httpProxy: `new URL("${proxy.url}")` }),
    run({}, {}),
  ]);
  assert.deepEqual(answers.slice(0, 3), ["answer", "answer", "answer"]);
  assert.match(answers[3]!, /^not_sent .*its certificate is from an unknown authority/);
});
