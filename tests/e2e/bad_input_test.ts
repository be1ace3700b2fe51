// What people and programs get wrong, and the clear answer that each of it gets.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { hang, happyEvents, json, sse } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { UNTEXTUAL } from "../support/odd_json.ts";
import { Home, RunningProgram, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY, CLIPROXY_HOLD_SECONDS: "0" };
const MEBIBYTE = 2 ** 20;
const IS_ROOT = Deno.uid() === 0;

interface BadSetting {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly envFile?: string;
  readonly says: RegExp;
}

const BAD_SETTINGS: readonly BadSetting[] = [
  { args: ["--port", "70000"], says: /^Bad port "70000" \(from --port\): allowed is .* from 0 to 65535\n/ },
  { env: { CLIPROXY_PORT: "eighty" }, says: /^Bad port "eighty" \(from CLIPROXY_PORT\): allowed is / },
  {
    envFile: "CLIPROXY_PORT=-1\n",
    says: /^Bad port "-1" \(from CLIPROXY_PORT in \/.*\/\.env\): allowed is /,
  },
  {
    args: ["--upstream", "chatgpt.com"],
    says: /^Bad upstream "chatgpt\.com" .*allowed is an http or https URL/,
  },
  {
    env: { CLIPROXY_UPSTREAM: "https://me:hunter2@example.com" },
    says: /^Bad upstream "https:\/\/\[REDACTED\]@example\.com" .* without credentials/,
  },
  { args: ["--host", "0.0.0.0"], says: /^Bad host "0\.0\.0\.0" .*\nhint: .*--allow-non-loopback/ },
  {
    args: ["--management-key", "hunter2"],
    says: /^Bad management_key "\[REDACTED\]" .*allowed is at least 8 /,
  },
];

Deno.test("a bad setting is told with its value, where it stands and what is allowed", async () => {
  await using home = await Home.make();
  for (const { args = [], env = {}, envFile = "", says } of BAD_SETTINGS) {
    await Deno.writeTextFile(`${home.authDir}/.env`, envFile);
    const { code, stdout, stderr } = await home.run(["proxy", ...args], { env });
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /hunter2/);
  }
  assert.deepEqual(await namesIn(home.authDir), [".env"]);
});

Deno.test("an auth dir that is a file is refused", async () => {
  await using home = await Home.make();
  const file = `${home.folder}/file`;
  await Deno.writeTextFile(file, "mine");
  const { code, stderr } = await home.run(["proxy"], { env: { CLIPROXY_AUTH_DIR: file } });
  assert.equal(code, 2);
  assert.match(stderr, /^Cannot use the auth dir \/.*\/file: it is not a folder\nhint: .*--auth-dir/);
  assert.equal(await Deno.readTextFile(file), "mine");
});

Deno.test("an auth dir that may not be read is refused, unless the user may read everything", async () => {
  await using home = await Home.make(ENV);
  await Deno.chmod(home.authDir, 0o000);
  const { code, stderr } = await home.run(["proxy"]);
  await Deno.chmod(home.authDir, 0o700);
  if (IS_ROOT) return assert.equal(code, 0, stderr);
  assert.equal(code, 2);
  assert.match(stderr, /^Cannot use the auth dir .*permission denied\nhint: /);
});

Deno.test("what the service creates is for its owner alone, whatever the umask", async () => {
  await using home = await Home.make({ CLIPROXY_LOG_MAX_MB: "1" });
  await Deno.remove(home.authDir);
  // That of this process is the one of the tests beside this one, too.
  const { command, args, env } = home.commandLine(["proxy"]);
  const openly = ["-c", 'umask 0 && exec "$0" "$@"', command, ...args];
  const start = async () => (await new RunningProgram("sh", openly, { env }).finished).code;
  assert.equal(await start(), 0);
  await home.run(["stop"]);
  const { logFile, eventsFile, stateFile } = runtimePaths(home.authDir);
  // The next start writes to full logs and sets the state file aside.
  for (const path of [logFile, eventsFile]) await Deno.truncate(path, MEBIBYTE);
  await Deno.truncate(stateFile, 7);
  assert.equal(await start(), 0);
  assert.equal(await modeOf(home.authDir), "700");
  let names: readonly string[] = [];
  // The new state file is written after the start, and beside its place first.
  await until("all files are in their places", async () => {
    names = await namesIn(home.authDir);
    return names.includes("rr_proxy_v2.state.json") && !names.some((name) => name.endsWith(".tmp"));
  });
  const modes = await Promise.all(names.map((name) => modeOf(`${home.authDir}/${name}`)));
  assert.deepEqual(Object.fromEntries(names.map((name, index) => [name, modes[index]])), {
    ".env": "600",
    "rr_proxy_v2.events.jsonl": "600",
    "rr_proxy_v2.events.jsonl.1": "600",
    "rr_proxy_v2.lock": "600",
    "rr_proxy_v2.log": "600",
    "rr_proxy_v2.log.1": "600",
    "rr_proxy_v2.pid": "600",
    "rr_proxy_v2.sessions.json": "600",
    "rr_proxy_v2.state.json": "600",
    "rr_proxy_v2.state.json.set-aside": "600",
  });
});

Deno.test("without auth files a client is told where they belong", async () => {
  await using home = await Home.make(ENV);
  const { stderr } = await home.run(["proxy"]);
  assert.ok(stderr.includes(`or copy auth files (*.json) into ${home.authDir};`));
  const service = await Service.start(home);
  // Codex repeats a 503 thirty times without a word, and prints a 400.
  for (const [headers, status] of [[{}, 503], [{ originator: "codex_exec" }, 400]] as const) {
    const response = await service.ask(headers);
    assert.equal(response.status, status);
    const text = await response.text();
    // Codex prints the body as it is.
    assert.equal(text.startsWith("{"), status === 503, text);
    assert.ok(text.includes(home.authDir) && text.includes("cdx2 auth import"), text);
  }
});

const ODD_STATES: Readonly<Record<string, (state: Record<string, unknown>) => unknown>> = {
  "a version of which no text can be made": (state) => ({ ...state, $schema_version: UNTEXTUAL }),
  "a penalty without end": (state) =>
    JSON.parse(JSON.stringify(state).replaceAll(/"(until_ms|at_ms)":\d+/g, '"$1":1e300')),
  "a key of which no text can be made": (state) => ({ ...state, keys: [UNTEXTUAL, { file: UNTEXTUAL }] }),
};

Deno.test("a state file with values that nobody writes stops no command", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("token-of-work", json(401, { error: { code: "token_revoked" } }));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_HOLD_SECONDS: "0" });
  await home.addKey("work.json", "token-of-work");
  const { base_url } = JSON.parse((await home.run(["proxy", "--json"])).stdout);
  await (await fetch(`${base_url}/v1/responses`, { method: "POST", body: "{}" })).body?.cancel();
  await home.run(["stop"]);
  const { stateFile } = runtimePaths(home.authDir);
  const state = JSON.parse(await Deno.readTextFile(stateFile));
  assert.equal(state.keys.length, 1);
  for (const [what, change] of Object.entries(ODD_STATES)) {
    await Deno.writeTextFile(stateFile, JSON.stringify(change(state)));
    for (const args of [["doctor"], ["proxy"], ["status"], ["doctor"], ["all", "--line"], ["stop"]]) {
      const { code, stderr } = await home.run(args);
      assert.doesNotMatch(stderr, /Unexpected|status 500/, `${what}: ${args}`);
      if (args[0] !== "doctor") assert.equal(code, 0, `${what}: ${args}: ${stderr}`);
    }
  }
});

const BAD_AUTH_FILES: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
  "array.json": ["[]", /not a JSON object/],
  "broken.json": ['{"tokens": {', /not valid JSON/],
  "empty-token.json": ['{"tokens": {"access_token": ""}}', /the token is empty/],
  "empty.json": ["", /the file is empty/],
  "huge.json": [JSON.stringify({ token: "x".repeat(5 * MEBIBYTE) }), /larger than 1 MiB/],
  "line-break.json": ['{"token": "a\\nb"}', /characters that no HTTP header may carry/],
  "no-token.json": ['{"name": "settings of something else"}', /no token in it/],
  "number.json": ['{"tokens": {"access_token": 7}}', /the token is not text/],
};

Deno.test("auth files that hold no key are listed with the reason and stop nobody", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("token-of-work", sse(happyEvents("hello")));
  await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
  for (const [name, [text]] of Object.entries(BAD_AUTH_FILES)) {
    await Deno.writeTextFile(`${home.authDir}/${name}`, text);
  }
  await Deno.symlink("/etc/hostname", `${home.authDir}/outside.json`);
  await home.addKey("work.json", "token-of-work");
  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), 200);
  const { files } = await (await service.manage("/auth-files")).json();
  const reasons = files.map(({ file, reason }: { file: string; reason: string | null }) => [file, reason]);
  assert.deepEqual(reasons.map(([file]: [string]) => file), [
    ...Object.keys(BAD_AUTH_FILES),
    "outside.json",
    "work.json",
  ]);
  for (const [file, reason] of reasons) {
    assert.match(reason ?? "", BAD_AUTH_FILES[file]?.[1] ?? /^$|a link that leads out of the auth dir/, file);
  }
});

Deno.test(".env with lines that mean nothing is read for what it means and kept to the byte", async () => {
  await using home = await Home.make();
  const path = `${home.authDir}/.env`;
  const garbage =
    "# mine\r\n=\n==x\nfoo bar\n\0\x01\u00e9\nA='open\nexport CLIPROXY_TRACE_MAX = 7 # seven\nB=\"";
  await Deno.writeTextFile(path, garbage, { mode: 0o644 });
  assert.equal((await home.run(["proxy"])).code, 0);
  const text = await Deno.readTextFile(path);
  assert.match(text.replace(garbage, ""), /^\s*CLIPROXY_MANAGEMENT_KEY=\S{32}\s+CLIPROXY_PORT=\d+\s*$/);
  assert.equal(await modeOf(path), "600");
  const { settings } = JSON.parse((await home.run(["status", "--json"])).stdout);
  assert.deepEqual(settings.trace_max, { value: 7, source: "env_file" });
});

Deno.test(".env that is not UTF-8 stays as it is", async () => {
  await using home = await Home.make(ENV);
  const path = `${home.authDir}/.env`;
  const bytes = new Uint8Array([...new TextEncoder().encode("# cl"), 0xe9, 0x0a]);
  await Deno.writeFile(path, bytes);
  await Service.start(home);
  assert.deepEqual(await Deno.readFile(path), bytes);
  assert.match(
    (await home.run(["logs"])).stdout,
    /Cannot keep port in the env file .*\.env: it is not UTF-8 text/,
  );
});

const UNREACHABLE: readonly [string, () => string, RegExp][] = [
  [
    "whose name is unknown",
    () => "http://cdx2.invalid/backend-api",
    /http:\/\/cdx2\.invalid: (?!fetch failed)\w/,
  ],
  ["that refuses connections", () => `http://127.0.0.1:${unusedPort()}/backend-api`, /connection refused/],
];

for (const [what, upstreamUrl, says] of UNREACHABLE) {
  Deno.test(`an upstream ${what} is tried twice and gives 502 with the reason, but no key a mark`, async () => {
    await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstreamUrl() });
    await home.addKey("work.json", "token-of-work");
    const service = await Service.start(home);
    const response = await service.ask();
    assert.equal(response.status, 502);
    const { error } = await response.json();
    assert.match(error.message, /^cdx2 got no answer from http:/);
    assert.match(error.message, says);
    assert.equal((await (await service.manage("/trace")).json()).events.length, 2);
    assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK"]);
  });
}

Deno.test("an upstream that never answers gives 504 after the timeout", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, hang());
  const env = { CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_HEAD_TIMEOUT_SECONDS: "0.3" };
  await using home = await Home.make({ ...ENV, ...env });
  await home.addKey("work.json", "token-of-work");
  const service = await Service.start(home);
  const response = await service.ask();
  assert.equal(response.status, 504);
  assert.match((await response.json()).error.message, /no answer within 300ms$/);
  await upstream.untilAborted(1);
  assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK"]);
});

Deno.test("management answers nobody without the key, and says what a bad question lacks", async () => {
  await using home = await Home.make(ENV);
  const service = await Service.start(home);
  for (const key of ["", "wrong", `${MANAGEMENT_KEY}x`]) {
    for (const path of ["/debug", "/trace", "/health?refresh=1", "/auth-files"]) {
      const response = await service.manage(path, "GET", key);
      assert.equal(response.status, 401, path);
      assert.deepEqual(await response.json(), { error: "unauthorized management request" });
    }
    assert.equal((await (service.manage("/shutdown", "POST", key))).status, 401);
  }
  for (const limit of ["x", "-1", "1e3", "1.5", "", "9".repeat(40)]) {
    const response = await service.manage(`/trace?limit=${limit}`);
    assert.equal(response.status, 400, limit);
    assert.match((await response.json()).error, /^limit is ".*"; allowed is a whole number/);
  }
  const wrongMethod = await service.manage("/shutdown");
  assert.deepEqual([wrongMethod.status, wrongMethod.headers.get("allow")], [405, "POST"]);
  assert.ok(await service.isRunning());
  const status = await home.run(["status"], { env: { CLIPROXY_MANAGEMENT_KEY: "another-key" } });
  assert.equal(status.code, 1);
  assert.match(status.stdout, /^state +running: it has another management key\n/);
});

Deno.test("a request body over the limit gets 413, declared or not, and the next request goes on", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, json(200, {}));
  const env = { CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_BODY_LIMIT_MB: "1" };
  await using home = await Home.make({ ...ENV, ...env });
  await home.addKey("work.json", "token-of-work");
  const service = await Service.start(home);
  const post = (body: BodyInit) => fetch(`${service.baseUrl}/v1/responses`, { method: "POST", body });
  for (const size of [MEBIBYTE + 1, 8 * MEBIBYTE]) {
    const bytes = new Uint8Array(size);
    for (const body of [bytes, ReadableStream.from([bytes])]) {
      const response = await post(body);
      assert.equal(response.status, 413);
      assert.match((await response.json()).error.message, /\(1 MiB\); CLIPROXY_BODY_LIMIT_MB raises/);
    }
  }
  assert.equal(upstream.requests.length, 0);
  const fitting = await post(new Uint8Array(MEBIBYTE));
  assert.equal(fitting.status, 200, await fitting.text());
  assert.equal(upstream.requests[0]!.body.length, MEBIBYTE);
});

Deno.test("a thousand requests at once with all keys out are all answered, and the service lives on", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("token-limited", json(429, {}, { "retry-after": "3600" }));
  upstream.forToken("token-dead", json(401, {}));
  await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("limited.json", "token-limited");
  await home.addKey("dead.json", "token-dead");
  const service = await Service.start(home);
  const thousand = () => Promise.all(Array.from({ length: 1_000 }, () => service.askForStatus()));

  assert.deepEqual(new Set(await thousand()), new Set([429]), "they find out");
  const asked = upstream.requests.length;
  assert.deepEqual(new Set(await thousand()), new Set([429]), "it is known");
  // A machine that takes long for it may see the dead key due for its trial meanwhile.
  assert.ok(upstream.requests.length - asked < 5, "nobody asked the upstream in vain");

  upstream.forToken("token-limited", sse(happyEvents("hello")));
  await (await service.manage("/reset?state=cooldown", "POST")).body?.cancel();
  assert.equal(await service.askForStatus(), 200);
  assert.ok(await service.isRunning());
});

Deno.test("requests go on while the event log cannot be written, and the loss is reported", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, json(200, {}));
  await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("work.json", "token-of-work");
  const { eventsFile } = runtimePaths(home.authDir);
  await Deno.mkdir(eventsFile);
  const service = await Service.start(home);
  for (let count = 0; count < 3; count++) assert.equal(await service.askForStatus(), 200);
  await Deno.remove(eventsFile);
  await until("the event log goes on", async () => {
    await service.askForStatus();
    const { stdout } = await home.run(["logs", "--events"]);
    return /"event":"proxy\.request"[^]*"event":"log\.recovered".*: is a directory","lost":\d+/.test(stdout);
  });
});

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

async function modeOf(path: string): Promise<string> {
  return ((await Deno.stat(path)).mode! & 0o777).toString(8);
}

/** A port of this machine on which nobody listens. */
function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
