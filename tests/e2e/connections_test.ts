// Connections to the upstream that die without a sign, because a router forgets them: no request waits for an
// answer that cannot come, and none that is only slow is sent twice.

import assert from "node:assert/strict";
import { delay, json } from "../support/answers.ts";
import { BlackHole } from "../support/black_hole.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

interface World extends AsyncDisposable {
  readonly home: Home;
  readonly upstream: FakeUpstream;
  readonly router: BlackHole;
  readonly service: Service;
}

async function aWorld(env: Record<string, string> = {}): Promise<World> {
  const upstream = await startFakeUpstream({ basePath: "" });
  const router = await BlackHole.before(upstream.port);
  const home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: `http://127.0.0.1:${router.port}`,
    ...env,
  });
  await home.addKey("a.json", "token-of-a");
  const service = await Service.start(home);
  upstream.reply({}, json(200, { ok: true }));
  return {
    home,
    upstream,
    router,
    service,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}

const ASKS = [["POST", "/v1/responses"], ["GET", "/v1/files"], ["POST", "/v1/embeddings"]] as const;

function ask({ service }: World, [method, path]: readonly [string, string]): Promise<Response> {
  const body = method === "POST" ? "{}" : null;
  return fetch(service.baseUrl + path, { method, body, signal: AbortSignal.timeout(60_000) });
}

for (const what of ASKS) {
  Deno.test(`${what.join(" ")} finds the upstream at once after its connections were forgotten`, async () => {
    // The first look at a connection would be after half of this time.
    await using world = await aWorld({ CLIPROXY_CONNECT_TIMEOUT_SECONDS: "60" });
    for (let round = 1; round <= 3; round++) {
      const startedMs = performance.now();
      const response = await ask(world, what);
      assert.deepEqual([response.status, await response.json()], [200, { ok: true }]);
      assert.ok(performance.now() - startedMs < 25_000, "sooner than a first look at the connection");
      world.router.forget();
    }
    assert.equal(world.upstream.requests.length, 3);
  });
}

// The first look at a connection is after half of the connect timeout.
const IMPATIENT = { CLIPROXY_CONNECT_TIMEOUT_SECONDS: "0.2" };

Deno.test("a request is sent once to an upstream that is slow", async () => {
  await using world = await aWorld(IMPATIENT);
  for (const what of ASKS) await (await ask(world, what)).body?.cancel();
  world.upstream.reply({}, delay(2500, json(200, { slow: true })));
  const responses = await Promise.all(ASKS.map((what) => ask(world, what)));
  for (const response of responses) {
    assert.deepEqual([response.status, await response.json()], [200, { slow: true }]);
  }
  assert.equal(world.upstream.requests.length, 2 * ASKS.length);
});

Deno.test("under load connections are used again, and what was forgotten then holds nothing", async () => {
  // Long enough to connect on a busy machine; the first look at a connection is after a second.
  await using world = await aWorld({ CLIPROXY_CONNECT_TIMEOUT_SECONDS: "2" });
  const { router, upstream, home } = world;
  const load = async (count: number) => {
    const before = router.connectionCount;
    for (let i = 0; i < count; i += 8) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask(world, ASKS[1])));
      for (const answer of answers) await answer.body?.cancel();
    }
    return router.connectionCount - before;
  };
  await until("connections are used again", async () => await load(160) < 120);
  router.forget();
  const answers = await Promise.all([0, 1, 0, 1].map((at) => ask(world, ASKS[at]!)));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
  const rows = (await home.run(["trace", "--json", "--limit", "500"])).stdout.trim().split("\n")
    .map((line) => JSON.parse(line));
  const lost = rows.filter(({ error }) => error !== undefined && error !== null);
  // A machine that is too slow for a load opens new connections, and loses none.
  for (const { error, outcome, request_id: id } of lost) {
    assert.match(error, /^used connection was dead: no answer, but a new connection opens$/);
    assert.equal(outcome, "origin_failed");
    const attempts = rows.filter(({ request_id }) => request_id === id);
    assert.deepEqual(attempts.map(({ attempt, status }) => [attempt, status]), [[1, null], [2, 200]]);
  }
  assert.ok(upstream.requests.length > 0);
});
