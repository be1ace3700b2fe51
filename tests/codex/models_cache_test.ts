// Questions for models against a scripted upstream and a clock that stands still: what goes out, and who was asked.

import assert from "node:assert/strict";
import { type KeptModels, ModelsCache, planModels } from "../../src/codex/models_cache.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { T0 } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { asResponse } from "../support/http_answer.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function kept(over: Partial<KeptModels> = {}): KeptModels {
  const bytes = new Uint8Array();
  return { status: 200, headers: new Headers(), bytes, fetchedMs: T0, isOutdated: false, ...over };
}

/** `[age, outdated, plan]` */
const PLANS: [number, boolean, string][] = [
  [0, false, "serve"],
  [10 * MINUTE - 1, false, "serve"],
  [10 * MINUTE, false, "serve_and_refresh"],
  [0, true, "serve_and_refresh"],
  [24 * HOUR - 1, true, "serve_and_refresh"],
  [24 * HOUR, false, "fetch"],
];

for (const [ageMs, isOutdated, plan] of PLANS) {
  Deno.test(`planModels() says ${plan} for a list ${ageMs} ms old${isOutdated ? ", outdated" : ""}`, () => {
    assert.equal(planModels(kept({ isOutdated }), T0 + ageMs).kind, plan);
  });
}

Deno.test("planModels() says fetch when nothing is kept", () => {
  assert.equal(planModels(undefined, T0).kind, "fetch");
});

/** A cache before an upstream with these replies. */
function aCache(...replies: Reply[]) {
  const clock = new FakeClock();
  const upstream = new FakeSend(...replies);
  const asked: string[] = [];
  const cache = new ModelsCache({
    clock,
    upstream: new Upstream("http://upstream.example/backend-api"),
    forward: ({ path, query, headers, method, signal, requestId }) => {
      asked.push(requestId);
      return upstream.send({ url: path + query, headers, method, signal });
    },
  });
  let questions = 0;
  const ask = async (
    headers: Record<string, string> = {},
    query = "?client_version=1",
    path = "/codex/models",
  ) =>
    asResponse(
      await cache.answer(
        aQuestion(path, { requestId: `req_${++questions}`, query, headers: new Headers(headers) }),
      ),
    );
  const list = async (...args: Parameters<typeof ask>) => (await (await ask(...args)).json()).list;
  return { clock, upstream, cache, ask, list, asked };
}

const ONE = answer(200, { list: 1 }, { etag: '"one"', "x-request-id": "upstream-1", "x-codex-plan": "pro" });
const TWO = answer(200, { list: 2 }, { etag: '"two"' });
const DOWN = answer(503, { detail: "down" }, { "retry-after": "7" });

Deno.test("a list is fetched once, whole, and then served with its age", async () => {
  const { ask, upstream, clock } = aCache(ONE, TWO);
  const first = await ask({ "if-none-match": '"zero"' });
  assert.deepEqual([await first.json(), first.headers.get("age")], [{ list: 1 }, null]);
  await clock.advance(9 * MINUTE);
  const second = await ask();
  assert.deepEqual(await second.json(), { list: 1 });
  assert.equal(upstream.requests.length, 1);
  assert.equal(upstream.requests[0]!.headers.get("if-none-match"), null);
  assert.deepEqual(Object.fromEntries(second.headers), {
    age: "540",
    "content-type": "application/json",
    etag: '"one"',
    "x-cdx2-request-id": "req_2",
  });
});

Deno.test("the paths of one list share it, each client version has its own", async () => {
  const { list, upstream } = aCache(ONE, TWO);
  for (const path of ["/models", "/v1/models", "/codex/models", "/backend-api/codex/models"]) {
    assert.equal(await list({}, "?client_version=1", path), 1);
  }
  assert.equal(await list({}, "?client_version=2"), 2);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("a list that is no longer fresh goes out at once, and one request fetches the next", async () => {
  const { list, upstream, clock, asked } = aCache(ONE, TWO);
  await list();
  await clock.advance(10 * MINUTE);
  assert.deepEqual([await list(), await list()], [1, 1]);
  await clock.advance(0);
  assert.equal(await list(), 2);
  assert.equal(upstream.requests.length, 2);
  assert.deepEqual(asked, ["req_1", "req_2"]);
});

Deno.test("questions that come together share one request, each under its own id", async () => {
  const { ask, upstream } = aCache(ONE);
  const answers = await Promise.all([ask(), ask(), ask()]);
  assert.deepEqual(await Promise.all(answers.map((each) => each.json())), Array(3).fill({ list: 1 }));
  assert.deepEqual(answers.map(({ headers }) => headers.get("x-cdx2-request-id")), [
    "req_1",
    "req_2",
    "req_3",
  ]);
  assert.equal(upstream.requests.length, 1);
});

Deno.test("a client that disconnects does not end the request that others wait for", () => {
  const { cache, upstream } = aCache("hang");
  const client = new AbortController();
  void cache.answer(aQuestion("/models", { signal: client.signal }));
  client.abort();
  assert.equal(upstream.requests[0]!.signal.aborted, false);
});

/** `[If-None-Match, status]` */
const CONDITIONS: [string, number][] = [
  ['"one"', 304],
  ['W/"one"', 304],
  ['"zero", "one"', 304],
  ["*", 304],
  ['"two"', 200],
];

for (const [condition, status] of CONDITIONS) {
  Deno.test(`If-None-Match: ${condition} gets ${status}, first from the upstream, then from memory`, async () => {
    const { ask, upstream } = aCache(ONE);
    for (let i = 0; i < 2; i++) {
      const response = await ask({ "if-none-match": condition });
      assert.equal(response.status, status);
      assert.equal(response.headers.get("etag"), '"one"');
      assert.equal((await response.text()).length > 0, status === 200);
    }
    assert.equal(upstream.requests.length, 1);
  });
}

Deno.test("a failure goes to all who waited, with its headers, and is not kept", async () => {
  const { ask, list, upstream } = aCache(DOWN, ONE);
  const [first, second] = await Promise.all([ask(), ask()]);
  assert.deepEqual([first.status, second.status], [503, 503]);
  assert.equal(second.headers.get("retry-after"), "7");
  assert.equal(await list(), 1);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("an old list outlives failing refreshes for a day, then the failure shows", async () => {
  const { ask, list, clock } = aCache(ONE, DOWN);
  await list();
  for (let half = 0; half < 2; half++) {
    await clock.advance(11 * HOUR);
    assert.equal(await list(), 1);
  }
  await clock.advance(2 * HOUR);
  assert.equal((await ask()).status, 503);
});

Deno.test("another version named by the upstream makes a list outdated at once", async () => {
  const { list, cache, clock, upstream } = aCache(ONE, TWO);
  await list();
  for (const same of [null, '"one"', "one", 'W/"one"']) cache.noteEtag(same);
  assert.equal(await list(), 1);
  assert.equal(upstream.requests.length, 1);
  cache.noteEtag('"two"');
  assert.equal(await list(), 1);
  await clock.advance(0);
  assert.equal(await list(), 2);
  cache.noteEtag("two");
  assert.equal(await list(), 2);
  assert.equal(upstream.requests.length, 2);
});

const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });
const LARGE = "x".repeat(4 * 1024 * 1024 + 1);
const json = { headers: { "content-type": "application/json" } };

function brokenBody(): Response {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  return new Response(body, json);
}

/** Answers that are passed on and asked for again. The second number counts what three questions cost. */
const NOT_KEPT: [string, () => Response, number][] = [
  ["a page", page, 3],
  ["a list over 4 MiB", () => new Response(LARGE, json), 6],
  ["a list that breaks off", brokenBody, 6],
];

for (const [what, reply, requests] of NOT_KEPT) {
  Deno.test(`${what} is passed on and not kept`, async () => {
    const { ask, upstream } = aCache(reply);
    for (let i = 0; i < 3; i++) {
      const response = await ask();
      assert.equal(response.status, 200);
      if (reply !== brokenBody) assert.equal(await response.text(), await reply().text());
      else await assert.rejects(response.text());
    }
    assert.equal(upstream.requests.length, requests);
  });
}

Deno.test("a body that stalls holds up nobody for more than half a minute", async () => {
  const { ask, list, clock } = aCache(() => new Response(new ReadableStream(), json), ONE);
  const waiting = ask();
  await clock.advance(30_000);
  assert.deepEqual(await (await waiting).json(), { list: 1 });
  assert.equal(await list(), 1);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("sixteen lists are kept, the one fetched longest ago goes", async () => {
  const { list, upstream, cache, clock } = aCache(ONE);
  const askAll = async (...versions: number[]) => {
    for (const version of versions) await list({}, `?v=${version}`);
    await clock.advance(0);
    return upstream.requests.length;
  };
  assert.equal(await askAll(...Array(16).keys()), 16);
  cache.noteEtag('"two"');
  assert.equal(await askAll(0), 17, "the oldest is fetched again");
  assert.equal(await askAll(16), 18);
  assert.equal(await askAll(16, 0), 18, "so it is the second oldest that went");
  assert.equal(await askAll(1), 19);
});
