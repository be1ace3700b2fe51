// The real program answers what the schemas say, field for field, with keys in every state that a test can bring about.

import assert from "node:assert/strict";
import { OUTPUTS } from "../../scripts/docs/json_outputs.ts";
import { happyEvents, json, sse, usageBody } from "../support/answers.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { assertIsEventLine } from "../support/event_lines.ts";
import { assertIs } from "../support/pages.ts";
import { Home, jsonLines, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

type Heading = keyof typeof OUTPUTS;

function assertIsOutput(heading: Heading, value: unknown): void {
  assertIs(OUTPUTS[heading], value);
}

/** The one value that a command prints. */
async function answerOf(home: Home, line: string): Promise<unknown> {
  const { stdout, stderr } = await home.run(line.split(" "));
  assert.notEqual(stdout, "", `cdx2 ${line} answers nothing: ${stderr}`);
  return JSON.parse(stdout);
}

async function linesOf(home: Home, line: string): Promise<unknown[]> {
  const { stdout } = await home.run(line.split(" "));
  return jsonLines(stdout);
}

/** A good, a limited and a rejected key, a file that is none, and an upstream that knows them. */
async function aHome(): Promise<{ home: Home; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream();
  const limits = usageBody(
    { usedPercent: 40, resetAfterSeconds: 600 },
    { usedPercent: 80, resetAfterSeconds: 90_000 },
  );
  const headers = { "x-codex-primary-used-percent": "40", "x-codex-primary-window-minutes": "300" };
  upstream.forToken("token-good", sse(happyEvents("hello"), { headers }));
  upstream.reply({ token: "token-good", path: "/backend-api/wham/usage" }, json(200, limits));
  upstream.forToken("token-dead", json(401, { error: { code: "token_revoked" } }));
  upstream.forToken(
    "token-limited",
    json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 600 } }),
  );
  const home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_ROTATION: "request",
  });
  for (const name of ["good", "dead", "limited"]) await home.addKey(`${name}.json`, `token-${name}`);
  await Deno.writeTextFile(`${home.authDir}/notes.json`, "nonsense");
  return { home, upstream };
}

/** With a proxy that has tried every key. */
async function aBusyHome(): Promise<{ home: Home; upstream: FakeUpstream; service: Service }> {
  const { home, upstream } = await aHome();
  const service = await Service.start(home);
  await until("every key was tried", async () => {
    await service.askForStatus();
    return (await service.accounts()).filter(({ status }) => status === "OK").length === 1;
  });
  return { home, upstream, service };
}

Deno.test("without a proxy, the commands answer what the schemas say", async () => {
  const { home, upstream } = await aHome();
  await using _home = home;
  await using _upstream = upstream;
  for (const heading of ["status", "stop", "doctor", "all", "auth list"] as const) {
    assertIsOutput(heading, await answerOf(home, `${heading} --json`));
  }
});

Deno.test("with a proxy, the commands answer what the schemas say", async () => {
  const { home, upstream } = await aBusyHome();
  await using _home = home;
  await using _upstream = upstream;
  for (const heading of ["status", "doctor", "all", "auth list"] as const) {
    assertIsOutput(heading, await answerOf(home, `${heading} --json`));
  }
  assertIsOutput("GET /debug", await answerOf(home, "proxy --json"));
  for (const attempt of await linesOf(home, "trace --json")) assertIsOutput("Attempt", attempt);
  assertIsOutput("POST /reset", await answerOf(home, "reset --name dead.json --json"));
  await Deno.writeTextFile(`${home.folder}/new.json`, JSON.stringify({ access_token: "token-new" }));
  assertIsOutput(
    "auth import",
    await answerOf(home, `auth import ${home.folder}/new.json --name new.json --json`),
  );
  assertIsOutput("auth remove", await answerOf(home, "auth remove new.json --yes --json"));
  assertIsOutput("stop", await answerOf(home, "stop --json"));
});

Deno.test("the events in the log are those that the schemas know", async () => {
  const { home, upstream } = await aBusyHome();
  await using _home = home;
  await using _upstream = upstream;
  await home.run(["reset"]);
  await home.run(["stop"]);
  const events = await linesOf(home, "logs --json --lines 1000") as { event: string }[];
  for (const event of events) assertIsEventLine(event);
  const seen = new Set(events.map(({ event }) => event));
  for (const name of ["proxy.started", "proxy.request", "auth.blacklisted", "auth.reset", "proxy.stopped"]) {
    assert.ok(seen.has(name), name);
  }
});

Deno.test("the endpoints answer what the schemas say", async () => {
  const { home, upstream, service } = await aBusyHome();
  await using _home = home;
  await using _upstream = upstream;
  const manage = async (path: string, method?: string, key?: string) =>
    await (await service.manage(path, method, key)).json();

  for (const path of ["/debug", "/health", "/trace", "/auth-files"]) {
    assertIsOutput(`GET ${path}` as Heading, await manage(path));
  }
  await until(
    "attempts with each key are in the usage history",
    async () => (await manage("/usage")).rows.length === 3,
  );
  const usage = await manage("/usage");
  assertIsOutput("GET /usage", usage);
  assert.equal(
    (await manage("/usage?by=account")).error,
    'by is "account"; allowed is one of key, model, day, session, client',
  );
  const health = await manage("/health?refresh=1");
  assertIsOutput("GET /health", health);
  assert.ok(
    health.accounts.some(({ usage }: { usage: unknown }) => usage),
    "what the upstream told is shown",
  );
  assertIsOutput("POST /reset", await manage("/reset?state=cooldown", "POST"));
  for (
    const wrong of [manage("/debug", "GET", "wrong"), manage("/debug", "POST"), manage("/trace?limit=x")]
  ) {
    assertIsOutput("Management errors", await wrong);
  }
  // What is written outlives the kernel's way to end a process, and can be read without a proxy.
  await service.crash();
  const after = await answerOf(home, "usage --json") as {
    rows: { name: string }[];
    total: { requests: number };
  };
  assertIsOutput("GET /usage", after);
  assert.ok(after.total.requests >= usage.total.requests);
  assert.deepEqual(after.rows.map(({ name }) => name).sort(), ["dead.json", "good.json", "limited.json"]);
  const bytes = new TextDecoder("latin1").decode(await Deno.readFile(runtimePaths(home.authDir).usageFile));
  for (const secret of ["token-", "@example", MANAGEMENT_KEY]) assert.ok(!bytes.includes(secret), secret);
  const again = await Service.start(home);
  assertIsOutput("POST /shutdown", await (await again.manage("/shutdown", "POST")).json());
});

Deno.test("a client that cannot be given a key is refused as the schema says", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 600 } }));
  await using home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  });
  const service = await Service.start(home);
  const noKey = await service.ask();
  assert.equal(noKey.status, 503);
  assertIsOutput("Refusals", await noKey.json());
  await home.addKey("limited.json", "token-limited");
  await until("the key is held", async () => (await service.accounts()).length === 1);
  const limited = await service.ask();
  assert.equal(limited.status, 429);
  assertIsOutput("Refusals", await limited.json());
});
