// A key with an upstream of its own: the last resort of a pool whose other keys are subscriptions.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { until } from "../support/program.ts";
import { startProxy } from "../support/running_proxy.ts";

const GOOD = sse(happyEvents("hello"));
const SPENT = json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 600 } });

Deno.test("an API key with an upstream of its own is the last resort, and no token goes to the other upstream", async () => {
  await using api = await startFakeUpstream({ basePath: "/v1" });
  api.forToken("sk-own", GOOD);
  const own = {
    OPENAI_API_KEY: "sk-own",
    priority: -10,
    upstream: api.url,
    models: { "gpt-6.1-sol": "gpt-6.1" },
  };
  const files = { "api.json": JSON.stringify(own), "plus.json": '{"token":"plus"}' };
  await using proxy = await startProxy(files, (upstream) => upstream.forToken("plus", [GOOD, SPENT]));
  const { service, upstream, home } = proxy;
  const ask = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.baseUrl}/backend-api/codex/responses`, {
      method: "POST",
      headers: { "content-type": "application/json", "chatgpt-account-id": "acct-client", ...headers },
      body: '{"stream":true, "model": "gpt-6.1-sol","input":"model"}',
    });
    await response.text();
    return response.status;
  };
  assert.deepEqual([await ask(), await ask()], [200, 200]);

  const [request] = api.requests;
  assert.equal(request!.path, "/v1/responses");
  assert.equal(request!.token, "sk-own");
  assert.equal(
    new TextDecoder().decode(request!.body),
    '{"stream":true, "model": "gpt-6.1","input":"model"}',
  );
  assert.equal(request!.headers.get("chatgpt-account-id"), null);
  const { events } = await (await service.manage("/trace")).json();
  assert.deepEqual(
    events.map((event: Record<string, unknown>) => [event["auth_file"], event["picked"], event["status"]]),
    [["plus.json", "only one free", 200], ["plus.json", "priority", 429], ["api.json", "last resort", 200]]
      .map((row, at) => at === 0 ? ["plus.json", "priority", 200] : row),
  );
  // Compressed bodies and other routes are for the upstream of the settings alone.
  assert.equal(await ask({ "content-encoding": "zstd" }), 429);
  const other = await fetch(`${service.baseUrl}/v1/files`, { headers: { "x-cdx2-key": "api" } });
  assert.equal(other.status, 503);
  assert.match(await other.text(), /an upstream that only one key has gets model requests/);
  assert.equal(api.requests.length, 1);
  assert.ok(upstream.requests.every(({ token }) => token !== "sk-own"));
  assert.ok(api.requests.every(({ token }) => token === "sk-own"));

  const all = await home.run(["all", "--plain"]);
  assert.match(all.stdout, /its own upstream, 127\.0\.0\.1:\d+, has no usage page/);
  assert.match((await home.run(["auth", "list"])).stdout, /^api\.json .* at 127\.0\.0\.1:\d+, priority -10/m);
  assert.match((await home.run(["doctor"])).stdout, /api\.json .*at 127\.0\.0\.1:\d+/);
  assert.ok(upstream.requests.every(({ token }) => token !== "sk-own"));

  // The upstream of the other keys goes away: the API key serves, and nobody is to blame.
  assert.equal((await home.run(["reset"])).code, 0);
  await upstream.close();
  // A connection that was open at its end may still have taken a request, which is not sent twice.
  await until("the API key serves", async () => await ask() === 200);
  assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK", "OK"]);
  const [last] = (await (await service.manage("/trace")).json()).events.slice(-1);
  assert.deepEqual([last["auth_file"], last["picked"], last["attempt"]], ["api.json", "last resort", 3]);
});

Deno.test("a key that comes later with an upstream outside the sandbox is refused by name, until a restart", async () => {
  await using api = await startFakeUpstream({ basePath: "/v1" });
  api.forToken("sk-own", GOOD);
  await using proxy = await startProxy({}, () => {});
  const { service, home } = proxy;
  await Deno.writeTextFile(
    `${home.authDir}/api.json`,
    JSON.stringify({ OPENAI_API_KEY: "sk-own", upstream: api.url }),
  );
  await (await service.manage("/health?refresh=1")).body?.cancel();
  const doctor = JSON.parse((await home.run(["doctor", "--json"])).stdout);
  const [refused] = doctor.rejected_files;
  assert.equal(refused.file, "api.json");
  assert.match(refused.reason, /the proxy was started without its upstream, .*"cdx2 proxy --force"/);
  assert.deepEqual(api.requests, []);

  const { base_url } = JSON.parse((await home.run(["proxy", "--force", "--json"])).stdout);
  const response = await fetch(`${base_url}/v1/responses`, { method: "POST", body: "{}" });
  await response.text();
  assert.deepEqual([response.status, api.requests.map(({ token }) => token)], [200, ["sk-own"]]);
});
