// Keys of clients, and what becomes of callers that try keys.

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

async function aHome(settings: Record<string, string>) {
  const upstream = await startFakeUpstream({ basePath: "/v1" });
  upstream.reply({}, json(200, { ok: true }));
  const home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    ...settings,
  });
  await home.addKey("work.json", "token-of-work");
  return {
    home,
    upstream,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}

Deno.test("a proxy that others can reach starts only with clients, and serves only those", async () => {
  await using running = await aHome({ CLIPROXY_HOST: "0.0.0.0", CLIPROXY_ALLOW_NON_LOOPBACK: "on" });
  const { home, upstream } = running;
  const refused = await home.run(["proxy"]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^Cannot listen on 0\.0\.0\.0 without client keys.*\nhint: .*cdx2 clients add NAME/,
  );

  const added = await home.run(["clients", "add", "ci"]);
  const key = added.stdout.trim();
  const service = await Service.start(home);
  assert.equal(await service.askForStatus({}), 401);
  assert.equal(await service.askForStatus({ authorization: "Bearer cdx2-wrong" }), 401);
  assert.equal(await service.askForStatus({ originator: "codex_cli_rs" }), 400);
  assert.equal(upstream.requests.length, 0);
  assert.equal(await service.askForStatus({ authorization: `Bearer ${key}` }), 200);
  assert.equal(await service.askForStatus({ "x-api-key": key }), 200);
  for (const { headers } of upstream.requests) {
    assert.equal(headers.get("authorization"), "Bearer token-of-work");
    assert.equal(headers.get("x-api-key"), null);
  }

  await home.run(["clients", "remove", "ci"]);
  await until(
    "the removed client is refused",
    async () => await service.askForStatus({ "x-api-key": key }) === 401,
  );
  for (const text of [await (await service.manage("/metrics")).text(), (await home.run(["logs"])).stdout]) {
    assert.ok(!text.includes(key));
  }
});

Deno.test("a caller that tries management keys is slowed down, reported and counted", async () => {
  await using running = await aHome({});
  const service = await Service.start(running.home);
  const begunMs = performance.now();
  const tries = Array.from({ length: 60 }, (_, n) => service.manage("/debug", "GET", `guess-${n}`));
  const answers = await Promise.all(tries);
  const tookMs = performance.now() - begunMs;
  const statuses = answers.map(({ status }) => status);
  await Promise.all(answers.map((answer) => answer.body?.cancel()));
  const refused = statuses.filter((status) => status === 401).length;
  // Twenty at once, and another one every three seconds.
  const most = 21 + Math.ceil(tookMs / 3_000);
  assert.ok(refused >= 20 && refused <= most, `${refused} keys were looked at within ${tookMs} ms`);
  assert.equal(statuses.filter((status) => status === 429).length, 60 - refused);

  await until("the right key is looked at again", async () => {
    const answer = await service.manage("/metrics");
    const text = await answer.text();
    return answer.status === 200 && text.includes(`cdx2_wrong_keys_total{kind="management"} ${refused}`);
  });
  const events = (await running.home.run(["logs", "--events", "--lines", "100"])).stdout;
  assert.equal(events.match(/"proxy\.wrong_keys"/g)?.length, 1);
});
