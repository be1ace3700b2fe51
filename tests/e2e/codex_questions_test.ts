// Questions of Codex that the proxy answers itself: the models from memory, the usage of the whole pool.

import assert from "node:assert/strict";
import { type Answer, delay, hang, happyEvents, json, sse, usageBody } from "../support/answers.ts";
import { chatGptLogin, codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { DEADLINE_MS, until, within } from "../support/program.ts";
import { type RunningProxy, startProxyWith } from "../support/running_proxy.ts";

const MODELS = "/backend-api/codex/models";
const USAGE = "/backend-api/wham/usage";

/** A proxy with the keys `token-a` and `token-b`. */
function aProxy(): Promise<RunningProxy> {
  return startProxyWith(["a", "b"]);
}

function models(version: string): Answer {
  return json(200, { models: [{ slug: version }] }, { etag: `"${version}"` });
}

/** Asks for the models of one client version. */
async function askModels({ url }: RunningProxy, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/codex/models?client_version=0.169.0`, { headers });
  const text = await response.text();
  const slug = response.status === 200 ? JSON.parse(text).models[0].slug : undefined;
  return { response, slug };
}

function countOf({ upstream }: RunningProxy, path: string): number {
  return upstream.requests.filter((request) => request.path.split("?")[0] === path).length;
}

/** A turn, whose answer says which version of the models the upstream has. */
async function takeTurn(proxy: RunningProxy, etag: string): Promise<void> {
  const answer = sse(happyEvents("hi"), { headers: { "x-models-etag": etag } });
  proxy.upstream.forPath("/backend-api/codex/responses", answer);
  const response = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
  await response.text();
}

Deno.test("the models of a slow upstream are waited for once", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forPath(MODELS, delay(1500, models("one")));
  const together = await Promise.all([askModels(proxy), askModels(proxy), askModels(proxy)]);
  assert.deepEqual(together.map(({ slug }) => slug), ["one", "one", "one"]);
  const again = await askModels(proxy);
  assert.equal(again.slug, "one");
  assert.ok(again.response.headers.has("age") && again.response.headers.has("x-cdx2-request-id"));
  assert.equal(countOf(proxy, MODELS), 1);
  const { stdout } = await proxy.home.run(["trace", "--json"]);
  assert.equal(stdout.trim().split("\n").length, 1, "an answer from memory is not an attempt");
});

Deno.test("a client that gives up on the models finds them when it asks again", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forPath(MODELS, delay(800, models("one")));
  await assert.rejects(fetch(`${proxy.url}/codex/models`, { signal: AbortSignal.timeout(200) }));
  await (await fetch(`${proxy.url}/codex/models`)).body?.cancel();
  assert.equal(countOf(proxy, MODELS), 1);
});

Deno.test("a client that has the models is told so", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forPath(MODELS, models("one"));
  const statuses: number[] = [];
  for (const version of ['"one"', '"one"', 'W/"one"', '"zero"']) {
    statuses.push((await askModels(proxy, { "if-none-match": version })).response.status);
  }
  assert.deepEqual(statuses, [304, 304, 304, 200]);
  assert.equal(countOf(proxy, MODELS), 1);
});

Deno.test("models that the upstream has changed are sent at once and fetched again in the background", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forPath(MODELS, [models("one"), delay(3000, models("two"))]);
  await askModels(proxy);
  await takeTurn(proxy, '"one"');
  assert.equal((await askModels(proxy)).slug, "one");
  assert.equal(countOf(proxy, MODELS), 1);
  await takeTurn(proxy, '"two"');
  assert.equal((await askModels(proxy)).slug, "one", "the new ones are not waited for");
  await until("the new models are there", async () => (await askModels(proxy)).slug === "two");
  assert.equal(countOf(proxy, MODELS), 2);
});

Deno.test("the models outlive an upstream that fails, and failures are not kept", async () => {
  await using proxy = await aProxy();
  const down = json(503, { detail: "down" });
  proxy.upstream.forPath(MODELS, [down, models("one"), down]);
  assert.equal((await askModels(proxy)).response.status, 503);
  assert.equal((await askModels(proxy)).slug, "one");
  await takeTurn(proxy, '"two"');
  assert.equal((await askModels(proxy)).slug, "one");
  await until("the refresh fails", () => countOf(proxy, MODELS) === 3);
  assert.equal((await askModels(proxy)).slug, "one");
});

function used(fiveHour: number, weekly: number, plan: string): Answer {
  const windows = [fiveHour, weekly].map((usedPercent) => ({ usedPercent, resetAfterSeconds: 3600 }));
  const identity = { user_id: "user-of-key", account_id: "account-of-key", email: "key@example.com" };
  return json(200, { ...identity, ...usageBody(windows[0]!, windows[1]!, plan) as object });
}

/** An own login of a client. */
const OWN = {
  authorization: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig",
  "chatgpt-account-id": "acct-mine",
};

Deno.test("the usage is that of the pool's best key, under the client's own name", async () => {
  await using proxy = await aProxy();
  proxy.upstream.reply({ path: USAGE, token: "token-a" }, used(100, 40, "plus"));
  proxy.upstream.reply({ path: USAGE, token: "token-b" }, used(30, 70, "pro"));
  for (const path of ["/backend-api/wham/usage", "/api/codex/usage"]) {
    const response = await fetch(proxy.url + path, { headers: OWN });
    assert.equal(response.headers.get("x-cdx2-synthesized"), "1");
    const text = await response.text();
    assert.doesNotMatch(text, /of-key|key@/);
    const { account_id, plan_type, rate_limit } = JSON.parse(text);
    assert.deepEqual([account_id, plan_type, rate_limit.allowed], ["acct-mine", "pro", true]);
    assert.equal(rate_limit.primary_window.used_percent, 30);
    assert.equal(rate_limit.secondary_window.used_percent, 70);
  }
  assert.equal(countOf(proxy, USAGE), 2);
});

const CREDITS = { has_credits: true, unlimited: false, overage_limit_reached: false, balance: "12.50" };

/** A page of an account at its limit, with credits. */
function paid(): Answer {
  const full = { usedPercent: 100, resetAfterSeconds: 3600 };
  return json(200, {
    ...usageBody(full, { usedPercent: 40, resetAfterSeconds: 9000 }) as object,
    credits: CREDITS,
  });
}

Deno.test("a full key with credits goes on, and the pool's usage says so", async () => {
  await using proxy = await aProxy();
  const full = { "x-codex-primary-used-percent": "100", "x-codex-credits-has-credits": "true" };
  proxy.upstream.reply({ path: "/backend-api/codex/responses" }, json(200, {}, full));
  proxy.upstream.reply({ path: USAGE, token: "token-a" }, paid());
  proxy.upstream.reply({ path: USAGE, token: "token-b" }, used(100, 40, "pro"));
  const page = await (await fetch(proxy.url + USAGE, { headers: OWN })).json();
  assert.deepEqual([page.rate_limit.allowed, page.rate_limit.limit_reached], [true, false]);
  assert.deepEqual([page.credits, page.rate_limit_reached_type], [CREDITS, null]);
  const { accounts } = JSON.parse((await proxy.home.run(["all", "--json"])).stdout);
  assert.deepEqual(
    accounts.map(({ file, status, credits }: { file: string; status: string; credits: unknown }) =>
      `${file} ${status} ${credits === null}`
    ).sort(),
    ["a.json WARN false", "b.json COOLDOWN true"],
  );
  for (let turn = 0; turn < 3; turn++) {
    const response = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
    await response.text();
  }
  const tokens = proxy.upstream.requests.filter(({ path }) => path.endsWith("/responses")).map(({ token }) =>
    token
  );
  assert.deepEqual(tokens, ["token-a", "token-a", "token-a"]);
});

Deno.test("without a key that tells its usage, the client's own login may ask; others get 503", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forPath(USAGE, hang());
  proxy.upstream.reply(
    { path: USAGE, token: OWN.authorization.slice("Bearer ".length) },
    json(200, { mine: true }),
  );
  // Both wait until the key has been silent for too long.
  const [without, withOwn] = await Promise.all([
    fetch(proxy.url + USAGE),
    fetch(proxy.url + USAGE, { headers: OWN }),
  ]);
  assert.equal(without.status, 503);
  assert.equal((await without.json()).error.type, "usage_unknown");
  assert.deepEqual(await withOwn.json(), { mine: true });
});

/** What `codex app-server` answers to a request, in time. */
async function askAppServer(proxy: RunningProxy, method: string): Promise<Record<string, unknown>> {
  return await within(DEADLINE_MS, answerOf(proxy, method), () => "codex app-server does not answer");
}

async function answerOf(proxy: RunningProxy, method: string): Promise<Record<string, unknown>> {
  const { CODEX_HOME, CDX2_CODEX_BIN } = await codexEnv(proxy.home, chatGptLogin());
  const baseUrl = `${proxy.url.replace("127.0.0.1", "localhost")}/backend-api`;
  const child = new Deno.Command(CDX2_CODEX_BIN!, {
    args: ["app-server", "-c", `chatgpt_base_url="${baseUrl}"`, ...QUIET],
    env: { ...proxy.home.env, CODEX_HOME: CODEX_HOME!, NO_PROXY: "127.0.0.1,localhost" },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const clientInfo = { name: "test", title: "test", version: "1" };
  const messages = [{ id: 1, method: "initialize", params: { clientInfo } }, { method: "initialized" }, {
    id: 2,
    method,
  }];
  await writer.write(new TextEncoder().encode(messages.map((each) => `${JSON.stringify(each)}\n`).join("")));
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    const answer = said.split("\n").slice(0, -1).map((line) => JSON.parse(line)).find(({ id }) => id === 2);
    if (answer) {
      await writer.close();
      child.kill();
      await child.status;
      return answer;
    }
  }
  throw new Error(`codex app-server ended without an answer: ${said}`);
}

testWithCodex("Codex takes the pool's usage for its own", async () => {
  await using proxy = await aProxy();
  proxy.upstream.reply({ path: USAGE, token: "token-a" }, used(100, 40, "plus"));
  proxy.upstream.reply({ path: USAGE, token: "token-b" }, used(30, 70, "pro"));
  const { result } = await askAppServer(proxy, "account/rateLimits/read") as {
    result: { accountId: string; rateLimits: Record<string, Record<string, unknown>> };
  };
  const { primary, secondary, planType, rateLimitReachedType } = result.rateLimits;
  assert.equal(result.accountId, "acct-mine");
  assert.deepEqual([planType, rateLimitReachedType], ["pro", null]);
  assert.deepEqual([primary!["usedPercent"], primary!["windowDurationMins"]], [30, 300]);
  assert.deepEqual([secondary!["usedPercent"], secondary!["windowDurationMins"]], [70, 10_080]);
});

testWithCodex("Codex reads the credits of a pool that goes on with them", async () => {
  await using proxy = await aProxy();
  proxy.upstream.reply({ path: USAGE, token: "token-a" }, paid());
  proxy.upstream.reply({ path: USAGE, token: "token-b" }, used(100, 70, "pro"));
  const { result } = await askAppServer(proxy, "account/rateLimits/read") as {
    result: { rateLimits: Record<string, Record<string, unknown> | null> };
  };
  const { primary, credits, rateLimitReachedType } = result.rateLimits;
  assert.deepEqual([primary!["usedPercent"], rateLimitReachedType], [100, null]);
  assert.deepEqual(credits, { hasCredits: true, unlimited: false, balance: "12.50" });
});
