// What happened can be found out afterwards: one id for a request, over all its attempts and in every record of them.
// Contract, sections 4 and 6.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { happyEvents, json, sse } from "../support/answers.ts";
import type { FakeUpstream } from "../support/fake_upstream.ts";
import { jsonLines, until } from "../support/program.ts";
import { startProxy } from "../support/running_proxy.ts";

const KEYS = { "1-dead.json": '{"token": "dead"}', "2-limited.json": '{"token": "limited"}' };
const GOOD_KEY = { "3-good.json": '{"token": "good"}' };

function script(upstream: FakeUpstream): void {
  upstream.forToken("dead", json(401, { error: { code: "token_revoked" } }));
  upstream.forToken(
    "limited",
    json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } }),
  );
  upstream.forToken("good", sse(happyEvents("hello")));
}

type Row = Readonly<Record<string, unknown>>;

function rowsIn(text: string): readonly Row[] {
  return jsonLines(text);
}

Deno.test("a request that needs three keys has one id: in its answer, in the trace and in the event log", async () => {
  await using proxy = await startProxy({ ...KEYS, ...GOOD_KEY }, script);
  const response = await proxy.service.ask();
  assert.equal(response.status, 200);
  await response.text();
  const id = response.headers.get("x-cdx2-request-id");
  assert.ok(id);

  const attempts = [
    [1, "1-dead.json", 401, "auth_rejected"],
    [2, "2-limited.json", 429, "rate_limited"],
    [3, "3-good.json", 200, "ok"],
  ];
  const told = (rows: readonly Row[]) =>
    rows.filter(({ request_id }) => request_id === id)
      .map(({ attempt, auth_file, status, outcome }) => [attempt, auth_file, status, outcome]);

  const trace = rowsIn((await proxy.home.run(["trace", "--json"])).stdout);
  assert.deepEqual(told(trace), attempts);

  const { eventsFile } = runtimePaths(proxy.home.authDir);
  const logged = async () =>
    rowsIn(await Deno.readTextFile(eventsFile)).filter(({ event }) => event === "proxy.request");
  await until("all attempts are logged", async () => told(await logged()).length === attempts.length);
  assert.deepEqual(told(await logged()), attempts);
});

Deno.test("a key that is out names the request that put it there", async () => {
  await using proxy = await startProxy({ ...KEYS, ...GOOD_KEY }, script);
  const response = await proxy.service.ask();
  await response.text();
  const { accounts } = await (await proxy.service.manage("/health")).json();
  const evidence = accounts.map(({ status, evidence }: { status: string; evidence: Row | null }) => [
    status,
    evidence?.["status"],
    evidence?.["code"],
    evidence?.["request_id"],
  ]);
  const id = response.headers.get("x-cdx2-request-id");
  assert.deepEqual(evidence, [
    ["BLACKLIST", 401, "token_revoked", id],
    ["COOLDOWN", 429, "usage_limit_reached", id],
    ["OK", undefined, undefined, undefined],
  ]);
});

Deno.test("a request that no key could serve has an id as well, and the log says why", async () => {
  await using proxy = await startProxy(KEYS, script);
  const response = await proxy.service.ask();
  assert.equal(response.status, 429);
  await response.text();
  const id = response.headers.get("x-cdx2-request-id");

  const { eventsFile } = runtimePaths(proxy.home.authDir);
  const named = async (name: string) =>
    rowsIn(await Deno.readTextFile(eventsFile)).find((row) =>
      row["event"] === name && row["request_id"] === id
    );
  await until(
    "the log names the exhausted pool",
    async () => await named("auth.pool_exhausted") !== undefined,
  );
});
