// A gateway on another machine: what the commands of a laptop do with it, also through a web server with TLS, and where the
// two keys are not.

import assert from "node:assert/strict";
import { clientFrame } from "../../src/system/ws_codec.ts";
import { happyEvents, sse } from "../support/answers.ts";
import { Caddy } from "../support/caddy.ts";
import { aCertificate } from "../support/certificate.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { FakeWsUpstream } from "../support/fake_ws_upstream.ts";
import { chatGptLogin, codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { isInstalled, testWith } from "../support/installed.ts";
import { Nginx } from "../support/nginx.ts";
import { type Finished, Home, jsonLines } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";
import { quoted, TerminalWindow } from "../support/terminal_window.ts";

interface Stage {
  readonly gateway: Home;
  readonly service: Service;
  /** Of the client `ann`. */
  readonly clientKey: string;
}

async function aGateway(
  upstream: { readonly url: string },
  env: Record<string, string> = {},
): Promise<Stage> {
  const gateway = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_REQUIRE_CLIENT_KEY: "on",
    ...env,
  });
  await gateway.addKey("work.json", "token-of-work");
  const clientKey = (await gateway.run(["clients", "add", "ann"])).stdout.trim();
  return { gateway, service: await Service.start(gateway), clientKey };
}

/** A machine without keys, whose commands use the gateway at `url`. */
async function aLaptop(url: string, clientKey: string): Promise<Home> {
  return await Home.make({ CLIPROXY_REMOTE: url, CLIPROXY_CLIENT_KEY: clientKey });
}

/** A program that says how it was run, in the place of Codex. */
async function fakeCodex(laptop: Home): Promise<Record<string, string>> {
  const path = `${laptop.folder}/codex`;
  await Deno.writeTextFile(path, '#!/bin/sh\nprintf "%s\\n" "$@"\nenv\n', { mode: 0o755 });
  return { CDX2_CODEX_BIN: path };
}

const ASK =
  'curl -sS "$OPENAI_BASE_URL/v1/responses" -d "{\\"model\\":\\"m\\"}" -H "Authorization: Bearer $OPENAI_API_KEY" ' +
  '-H "content-type: application/json"';

Deno.test("the commands of a laptop work against a gateway, without a key or proxy of its own", async () => {
  const upstream: FakeUpstream = await startFakeUpstream();
  await using _upstream = upstream;
  upstream.forToken("token-of-work", sse(happyEvents("hello through the gateway")));
  const { gateway, service, clientKey } = await aGateway(upstream);
  await using _gateway = gateway;
  await using laptop = await aLaptop(service.baseUrl, clientKey);
  const said: Finished[] = [];
  const run = async (line: string, env: Record<string, string> = {}) => {
    const finished = await laptop.run(line.split(" "), { env });
    said.push(finished);
    return finished;
  };

  const asked = await laptop.run(["run", "--", "sh", "-c", ASK]);
  assert.match(asked.stdout, /hello through the gateway/);
  const { stdout: row } = await gateway.run(["trace", "--json"]);
  assert.equal(jsonLines(row)[0].client, "ann");

  const codex = await laptop.run(["codex", "--", "exec", "hi"], { env: await fakeCodex(laptop) });
  const args = codex.stdout.slice(0, codex.stdout.indexOf("\nhi\n"));
  assert.match(args, /model_providers\.cdx2\.env_key="CLIPROXY_CLIENT_KEY"/);
  assert.match(args, new RegExp(`base_url="${service.baseUrl}/backend-api/codex"`));
  assert.ok(!args.includes(clientKey));
  assert.ok(codex.stdout.includes(`\nCLIPROXY_CLIENT_KEY=${clientKey}\n`));

  const printed = await run("proxy --print-env-only --shell sh");
  assert.match(printed.stdout, /^export OPENAI_API_KEY="\$CLIPROXY_CLIENT_KEY"$/m);
  const status = await run("status --json");
  const page = JSON.parse(status.stdout);
  assert.deepEqual([status.code, page.state, page.gateway.client, page.auth_count, page.pid], [
    0,
    "running",
    "ann",
    1,
    null,
  ]);
  assert.equal(page.settings.client_key.value, "[REDACTED]");

  // Without the management key of the gateway.
  const doctor = await run("doctor");
  assert.equal(doctor.code, 0);
  assert.match(doctor.stdout, /ok +gateway: .* lets this machine in as ann/);
  assert.match(
    (await run("trace")).stderr,
    /without its management key\nhint: .*CLIPROXY_REMOTE_MANAGEMENT_KEY/,
  );
  // With it.
  const operator = { CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT_KEY };
  assert.equal(jsonLines((await run("trace --json", operator)).stdout)[0].client, "ann");
  assert.equal(JSON.parse((await run("doctor --json", operator)).stdout).accounts[0].file, "work.json");
  assert.equal(JSON.parse((await run("all --json", operator)).stdout).accounts[0].file, "work.json");
  assert.equal(JSON.parse((await run("usage --json", operator)).stdout).ok, true);
  const wrong = await run("run -- true", { CLIPROXY_CLIENT_KEY: "cdx2-wrong-key" });
  assert.match(wrong.stderr, /^Cannot use the gateway .*: it does not know this client key\nhint: /);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(laptop.authDir)), [], "nothing is written here");

  const texts = said.flatMap(({ stdout, stderr }) => [stdout, stderr]).join("\n");
  for (const secret of [clientKey, MANAGEMENT_KEY, "token-of-work"]) assert.ok(!texts.includes(secret));
  const logs = await gateway.run(["logs", "--events", "--lines", "500"]);
  assert.ok(!logs.stdout.includes(clientKey));
  for (const { headers } of upstream.requests) assert.ok(!JSON.stringify([...headers]).includes(clientKey));
});

/** The web servers of docs/teams.md. */
const WEB_SERVERS = { nginx: Nginx, caddy: Caddy };

for (const [program, WebServer] of Object.entries(WEB_SERVERS)) {
  testWith(program, `a gateway with ${program} and TLS in front streams events and relays WebSockets`, () => {
    return streamsAndRelays(WebServer);
  });
}

async function streamsAndRelays(WebServer: typeof Nginx | typeof Caddy): Promise<void> {
  await using certificate = await aCertificate();
  const release = Promise.withResolvers<void>();
  const upstream: FakeUpstream = await startFakeUpstream();
  await using _upstream = upstream;
  upstream.forToken("token-of-work", sse(happyEvents("two"), { lastAfter: release.promise }));
  const inFront = { CLIPROXY_ALLOWED_HOSTS: "gateway.example", CLIPROXY_TRUSTED_PROXIES: "127.0.0.1" };
  const { gateway, service, clientKey } = await aGateway(upstream, inFront);
  await using _gateway = gateway;
  await using webServer = await WebServer.start(certificate, Number(new URL(service.baseUrl).port));
  await using laptop = await aLaptop(webServer.url, clientKey);
  const trusting = { DENO_CERT: certificate.authorityFile };

  const untrusting = await laptop.run(["status"]);
  assert.equal(untrusting.code, 1);
  assert.match(untrusting.stdout, /its certificate is from an unknown authority/);
  const status = JSON.parse((await laptop.run(["status", "--json"], { env: trusting })).stdout);
  assert.deepEqual([status.healthy, status.gateway.client], [true, "ann"]);

  const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(certificate.authorityFile)] });
  const headers = { authorization: `Bearer ${clientKey}`, "x-forwarded-for": "6.6.6.6" };
  const answer = await fetch(`${webServer.url}/backend-api/codex/responses`, {
    method: "POST",
    body: "{}",
    headers,
    client,
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("two")) text += (await reader.read()).value;
  assert.ok(!text.includes("response.completed"), "what has come is not held back");
  release.resolve();
  for (let part; !(part = await reader.read()).done;) text += part.value;
  assert.match(text, /response\.completed/);
  client.close();

  const { stdout } = await gateway.run(["trace", "--json"]);
  assert.deepEqual(jsonLines(stdout).map((row) => [row.client, row.client_ip]), [["ann", "127.0.0.1"]]);

  await using wsUpstream = new FakeWsUpstream();
  wsUpstream.script(
    "token-of-work",
    (socket) => socket.send({ type: "response.completed", response: { id: "r1" } }),
  );
  const relay = await aGateway(wsUpstream, inFront);
  await using _relay = relay.gateway;
  await using front = await WebServer.start(certificate, Number(new URL(relay.service.baseUrl).port));
  const spoken = await overWebSocket(front.url, {
    clientKey: relay.clientKey,
    authority: certificate.authorityFile,
  });
  assert.match(spoken, /^HTTP\/1\.1 101 /);
  assert.match(spoken, /response\.completed/);
}

const REAL_CODEX = "the real Codex works through nginx with TLS and a client key, over HTTP and WebSocket";
if (isInstalled("nginx")) testWithCodex(REAL_CODEX, codexThroughNginx);
else testWith("nginx", REAL_CODEX, () => Promise.resolve());

async function codexThroughNginx(t: Deno.TestContext): Promise<void> {
  await using certificate = await aCertificate();
  const inFront = { CLIPROXY_ALLOWED_HOSTS: "gateway.example", CLIPROXY_TRUSTED_PROXIES: "127.0.0.0/8" };
  const http: FakeUpstream = await startFakeUpstream();
  await using _http = http;
  http.forToken("token-of-work", sse(happyEvents("hello through nginx")));
  await using ws = new FakeWsUpstream();
  ws.script("token-of-work", (socket, message) => {
    const warm = { id: "resp_warm", object: "response", status: "completed", output: [] };
    if (message.generate === false) return socket.send({ type: "response.completed", response: warm });
    socket.send(...happyEvents("hello through nginx"));
  });
  for (const [over, upstream] of Object.entries({ HTTP: http, WebSocket: ws })) {
    const own = { ...inFront, CLIPROXY_WEBSOCKET: over === "HTTP" ? "off" : "auto" };
    const { gateway, service, clientKey } = await aGateway(upstream, own);
    await using _gateway = gateway;
    await using nginx = await Nginx.start(certificate, Number(new URL(service.baseUrl).port));
    await using laptop = await aLaptop(nginx.url, clientKey);
    const trusting = {
      DENO_CERT: certificate.authorityFile,
      CODEX_CA_CERTIFICATE: certificate.authorityFile,
    };
    const env = { ...trusting, ...await codexEnv(laptop, chatGptLogin()) };
    const line = ["codex", "--", ...QUIET];
    await t.step(`exec over ${over}`, async () => {
      const args = [...line, "exec", "--skip-git-repo-check", "say hi"];
      const { code, stdout, stderr } = await laptop.run(args, { env });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /hello through nginx/);
    });
    await t.step({
      name: `the screen over ${over}${isInstalled("tmux") ? "" : " (needs tmux)"}`,
      ignore: !isInstalled("tmux"),
      fn: () => asksOnScreen(laptop, { line, env }),
    });
    const { stdout } = await gateway.run(["trace", "--json"]);
    const rows = jsonLines(stdout).filter(({ route }) => route === "request");
    assert.ok(
      rows.length > 0 && rows.every(({ client, status }) => client === "ann" && status < 300),
      stdout,
    );
  }
  assert.ok(ws.sockets.length > 0, "Codex has used a WebSocket");
  const headers = http.requests.map((request) => JSON.stringify([...request.headers]));
  assert.ok(headers.every((text) => !text.includes("cdx2-")), "the client key stays with the gateway");
}

/** Types a question into Codex's own screen, and waits for the answer. */
async function asksOnScreen(
  laptop: Home,
  { line, env }: { readonly line: readonly string[]; readonly env: Record<string, string> },
): Promise<void> {
  const program = laptop.commandLine([...line, "-c", `projects."${laptop.folder}".trust_level="trusted"`]);
  const variables = { ...program.env, ...env };
  await using tty = await TerminalWindow.open({ columns: 100, rows: 40, env: variables });
  await tty.run("cd", quoted(laptop.folder), "&&", ...[program.command, ...program.args].map(quoted));
  await tty.untilShows(/OpenAI Codex/);
  await tty.type("say hi");
  await tty.untilShows(/say hi/);
  await tty.press("Enter");
  await tty.untilShows(/hello through nginx/);
}

/** A handshake and one call; everything that came back until the call was answered, as text. */
async function overWebSocket(
  url: string,
  { clientKey, authority }: { readonly clientKey: string; readonly authority: string },
): Promise<string> {
  const { hostname, port } = new URL(url);
  const caCerts = [await Deno.readTextFile(authority)];
  using connection = await Deno.connectTls({ hostname, port: Number(port), caCerts });
  const head = [
    "GET /backend-api/codex/responses HTTP/1.1",
    `Host: ${hostname}`,
    ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}`,
    `Authorization: Bearer ${clientKey}`,
  ];
  await connection.write(new TextEncoder().encode(head.join("\r\n") + "\r\n\r\n"));
  let text = "";
  let isAsked = false;
  const chunk = new Uint8Array(65_536);
  while (!text.includes("response.completed")) {
    const count = await connection.read(chunk);
    if (count === null) return text;
    text += new TextDecoder().decode(chunk.subarray(0, count));
    if (!isAsked && text.includes("\r\n\r\n")) {
      isAsked = true;
      const call = { type: "response.create", model: "m", input: [] };
      await connection.write(
        clientFrame(1, new TextEncoder().encode(JSON.stringify(call)), new Uint8Array(4)),
      );
    }
  }
  return text;
}
