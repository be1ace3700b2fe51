// No secret in anything that the program writes, prints or answers, whatever the upstream does with it. What the proxy
// relays from the upstream is the client's own business.

import assert from "node:assert/strict";
import { readEnvFile } from "../../src/config/env_text.ts";
import { type Answer, chunks, happyEvents, json, reset, sse } from "../support/answers.ts";
import { type FakeUpstream, type Reply, startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

/** In every secret, so that none can be missed. */
const MARK = "recognisable";

const CLIENT_LOGIN = jwt("client");
/** The parts of tokens that carry the mark encoded. */
const PAYLOADS = ["client", "dead", "blocked", "limited", "good"].map((name) => jwt(name).split(".")[1]!);

function jwt(name: string): string {
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  return `${encode({ alg: "none" })}.${
    encode({ email: `${name}@example.com`, secret: MARK })
  }.${MARK}-${name}`;
}

function accessToken(name: string): string {
  return `sk-${MARK}-access-${name}`;
}

async function addKey({ authDir }: Home, name: string): Promise<void> {
  const tokens = {
    access_token: accessToken(name),
    refresh_token: `rt_${MARK}-refresh-${name}`,
    id_token: jwt(name),
    account_id: `account-of-${name}`,
  };
  await Deno.writeTextFile(`${authDir}/${name}.json`, JSON.stringify({ tokens }));
}

async function addKeys(home: Home): Promise<void> {
  for (const name of ["blocked", "dead", "good", "limited"]) await addKey(home, name);
  await Deno.writeTextFile(`${home.authDir}/broken.json`, `{"access_token":"sk-${MARK}-broken`);
  await Deno.writeTextFile(`${home.authDir}/odd.json`, JSON.stringify({ access_token: `sk-${MARK}-ödd` }));
}

/** A header of each answer of the upstream. */
const ECHOED = "x-from-upstream";

/** An answer that gives the token back wherever it can. */
function echo(status: number): Reply {
  return ({ token = "" }) =>
    json(status, { error: { code: token, type: token, message: `bad token ${token}`, param: token } }, {
      "www-authenticate": `Bearer realm="${token}"`,
      [ECHOED]: token,
    });
}

function echoingStream({ token = "" }: { token?: string | undefined }): Answer {
  const error = { code: token, message: `bad token ${token}` };
  return sse([{ type: "response.failed", response: { id: "resp_fake", error } }], {
    headers: { [ECHOED]: token },
  });
}

/** Leads requests through everything that an upstream can do to them. Returns what the proxy said of its own. */
async function driveThroughTrouble(url: string, upstream: FakeUpstream): Promise<readonly string[]> {
  upstream.forToken(accessToken("dead"), echo(401));
  upstream.forToken(accessToken("blocked"), echo(403));
  upstream.forToken(accessToken("limited"), echo(429));
  upstream.forToken(accessToken("good"), [
    sse(happyEvents("fine")),
    echo(500),
    echo(400),
    reset(),
    echoingStream,
    chunks(["event: response.created\n"], {
      headers: { "content-type": "text/event-stream" },
      then: "reset",
    }),
    echo(401),
  ]);
  const said: string[] = [];
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}?access_token=${MARK}`, {
      method: "POST",
      body: "{}",
      headers,
    });
    const text = await response.text().catch(() => "");
    // What answers the client's own login is the client's own business.
    if (headers["authorization"] === undefined) said.push(headersText(response) + text);
  };
  for (let times = 0; times < 7; times++) await ask("/v1/responses");
  await ask("/v1/responses", { originator: "codex_cli_rs" });

  const own = { authorization: `Bearer ${CLIENT_LOGIN}`, "chatgpt-account-id": "own" };
  upstream.reply({ token: CLIENT_LOGIN }, [json(200, {}), echo(401), reset()]);
  for (let times = 0; times < 3; times++) await ask("/backend-api/wham/settings", own);
  assert.equal(upstream.requestsOf(accessToken("good")).length, 7, "all of its trouble was met");
  assert.equal(new Set(upstream.requests.map(({ token }) => token)).size, 5, "all tokens were in use");
  await upstream.close();
  await ask("/backend-api/wham/settings", own);
  return said;
}

function headersText({ headers }: Response): string {
  return [...headers].map(([name, value]) => `${name}: ${value}\n`).join("");
}

function assertNoSecret(texts: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  for (const [where, text] of Object.entries(texts)) {
    for (const secret of [MARK, ...PAYLOADS, ...secrets]) {
      const at = text.indexOf(secret);
      assert.ok(at < 0, `${where} holds a secret: …${text.slice(Math.max(0, at - 200), at + 100)}…`);
    }
  }
}

const COMMANDS: readonly (readonly string[])[] = [
  ["status"],
  ["status", "--json"],
  ["trace"],
  ["trace", "--json"],
  ["logs", "--lines", "1000"],
  ["logs", "--events"],
  ["doctor"],
  ["doctor", "--json"],
  ["all"],
  ["all", "--json"],
  ["auth", "list"],
  ["auth", "list", "--json"],
  ["proxy", "--json"],
  ["proxy", "--print-env"],
  ["proxy", "--print-env-only"],
  ["proxy", "--print-env", "--shell", "json"],
];

const ENDPOINTS = ["/debug", "/trace", "/health?refresh=1", "/auth-files", "/metrics"];

Deno.test("no secret is in anything that the program answers, prints or writes", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_HOLD_SECONDS: "0" });
  await addKeys(home);
  const service = await Service.start(home);
  const managementKey = readEnvFile(
    await Deno.readTextFile(`${home.authDir}/.env`),
  )["CLIPROXY_MANAGEMENT_KEY"]!;
  const texts: Record<string, string> = {};

  const said = await driveThroughTrouble(service.baseUrl, upstream);
  said.forEach((text, index) => texts[`answer ${index}`] = text);
  for (const path of ENDPOINTS) {
    const response = await service.manage(path, "GET", managementKey);
    assert.equal(response.status, 200, path);
    texts[path] = headersText(response) + await response.text();
  }
  for (const args of COMMANDS) {
    const { stdout, stderr } = await home.run(args);
    assert.notEqual(stdout + stderr, "", args.join(" "));
    texts[args.join(" ")] = stdout + stderr;
  }
  texts["ps"] = await commandLineOf(service.pid);
  await home.run(["stop"]);
  for await (const { name } of Deno.readDir(home.authDir)) {
    if (name.startsWith("rr_proxy_v2")) texts[name] = await Deno.readTextFile(`${home.authDir}/${name}`);
  }

  for (
    const where of [
      "/trace",
      "/health?refresh=1",
      "trace",
      "logs --lines 1000",
      "doctor",
      "rr_proxy_v2.state.json",
    ]
  ) {
    assert.match(texts[where]!, /dead\.json/, where);
  }
  assertNoSecret(texts, [managementKey]);
});

Deno.test("no secret is in what the proxy prints in the foreground, nor a stack", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_HOLD_SECONDS: "0" });
  await addKeys(home);
  const proxy = home.start(["proxy", "--foreground"]);
  await until("the proxy listens", () => /listening on http/.test(proxy.stderr));
  const [url] = /http:\/\/[\w.:]+/.exec(proxy.stderr)!;
  await driveThroughTrouble(url, upstream);
  proxy.signal("SIGTERM");
  const { code, stdout, stderr } = await proxy.finished;
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /dead\.json/);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assertNoSecret({ stderr }, []);
});

Deno.test("a management key given as an option reaches the service past all argument lists", async () => {
  await using home = await Home.make();
  const option = ["--management-key", MANAGEMENT_KEY];
  const { pid } = JSON.parse((await home.run(["proxy", "--json", ...option])).stdout);
  assert.match(await commandLineOf(pid), /run-server/);
  assert.doesNotMatch(await commandLineOf(pid), new RegExp(MANAGEMENT_KEY));
  assert.equal((await home.run(["status", ...option])).code, 0);
});

async function commandLineOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-wwp", String(pid), "-o", "args="] }).output();
  return new TextDecoder().decode(stdout);
}
