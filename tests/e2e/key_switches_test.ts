// What users can switch about a key, with the real program: off and on, before and after others, its name.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { type RunningProxy, startProxy } from "../support/running_proxy.ts";

const GOOD = sse(happyEvents("hello"));

async function cdx2({ home, service }: RunningProxy, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run(args);
  assert.equal(code, 0, stderr);
  await (await service.manage("/health?refresh=1")).body?.cancel();
  return stdout;
}

function tokensAsked({ upstream }: RunningProxy, from: number): readonly (string | undefined)[] {
  return upstream.requests.slice(from).map(({ token }) => token);
}

Deno.test("a key is disabled, enabled and renamed by its names while the proxy runs, and keeps its penalty", async () => {
  const text = '{\n  "note": "mine",\n  "token": "a",\n  "alias": "main"\n}\n';
  const files = { "a.json": text, "b.json": '{"token":"b","email":"bob@example.com"}' };
  await using proxy = await startProxy(files, (upstream) => {
    upstream.forToken("a", json(401, { error: { code: "token_revoked" } }));
    upstream.forToken("b", GOOD);
  });
  await cdx2(proxy, "auth", "disable", "main");
  for (let turn = 0; turn < 3; turn++) assert.equal(await proxy.service.askForStatus(), 200);
  assert.deepEqual(tokensAsked(proxy, 0), ["b", "b", "b"]);
  assert.equal((await Deno.stat(`${proxy.home.authDir}/a.json`)).mode! & 0o777, 0o600);

  await cdx2(proxy, "auth", "enable", "a");
  assert.equal(await Deno.readTextFile(`${proxy.home.authDir}/a.json`), text);
  while (proxy.upstream.requestsOf("a").length === 0) assert.equal(await proxy.service.askForStatus(), 200);

  await cdx2(proxy, "auth", "rename", "MAIN", "spare");
  const { accounts } = JSON.parse((await proxy.home.run(["doctor", "--json"])).stdout);
  assert.deepEqual(
    accounts.map((account: Record<string, unknown>) => [account.file, account.alias, account.state]).sort(),
    [["b.json", null, "whitelist"], ["spare.json", "main", "blacklist"]],
  );
  assert.match(await cdx2(proxy, "reset", "--name", "main"), /^reset 1 key: spare\.json\n$/);
});

Deno.test("a key of a lower priority serves only when no higher one is free", async () => {
  const files = { "a.json": '{"token":"a"}', "b.json": '{"token":"b"}', "c.json": '{"token":"c"}' };
  await using proxy = await startProxy(files, (upstream) => {
    upstream.forToken("a", GOOD);
    upstream.forToken("b", GOOD);
    upstream.forToken("c", [GOOD, GOOD, json(429, { error: { type: "usage_limit_reached" } })]);
  });
  await cdx2(proxy, "auth", "priority", "c", "10");
  await cdx2(proxy, "auth", "priority", "a", "-10");
  for (let turn = 0; turn < 4; turn++) {
    assert.equal(await proxy.service.askForStatus({ "session-id": `s${turn % 2}` }), 200);
  }
  assert.deepEqual(tokensAsked(proxy, 0), ["c", "c", "c", "b", "b"]);
});

Deno.test("a pinned request gets its key and no other, and the trace says why each key was picked", async () => {
  const files = {
    "a.json": '{"token":"a","email":"ann@example.com"}',
    "b.json": '{"token":"b","alias":"büro"}',
  };
  await using proxy = await startProxy(files, (upstream) => {
    upstream.forToken("a", [
      GOOD,
      GOOD,
      GOOD,
      json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 600 } }),
    ]);
    upstream.forToken("b", GOOD);
  });
  const { service, upstream, home } = proxy;
  for (const name of ["a", "ANN@example.com"]) {
    assert.equal(await service.askForStatus({ "x-cdx2-key": name, "session-id": "s" }), 200);
  }
  const path = `${service.baseUrl}/cdx2-key/${encodeURIComponent("büro")}/v1/responses`;
  assert.equal(
    (await fetch(path, { method: "POST", body: "{}" }).then(async (r) => (await r.text(), r))).status,
    200,
  );
  assert.equal(await service.askForStatus({ "session-id": "s" }), 200);
  const spent = await service.ask({ "x-cdx2-key": "a.json" });
  assert.equal(spent.status, 429);
  assert.match(
    await spent.text(),
    /no other key than a\.json for this request, as it asks.*usage_limit_reached/,
  );
  const codex = await service.ask({ "x-cdx2-key": "c", originator: "codex_exec" });
  assert.equal(codex.status, 400);
  assert.match(
    await codex.text(),
    /no key is called "c"; the keys are a\.json \(ann@example\.com\), b\.json/,
  );
  assert.equal(await service.askForStatus({ "x-cdx2-key": "c" }), 404);
  assert.equal(await service.askForStatus(), 200);

  assert.deepEqual(tokensAsked(proxy, 0), ["a", "a", "b", "a", "a", "b"]);
  assert.ok(
    upstream.requests.every(({ headers, path }) => !headers.has("x-cdx2-key") && !path.includes("cdx2-key")),
  );
  const { events } = await (await service.manage("/trace")).json();
  const picked = events.map((event: Record<string, unknown>) => event["picked"]);
  assert.deepEqual(picked, ["pinned", "pinned", "pinned", "session", "pinned", "only one free"]);
  const log = await Deno.readTextFile(`${home.authDir}/rr_proxy_v2.events.jsonl`);
  assert.match(log, /"event":"proxy\.request".*"picked":"pinned"/);
});

Deno.test("cdx2 run --key gives its program one key", async () => {
  const files = { "a.json": '{"token":"a"}', "b.json": '{"token":"b"}' };
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, GOOD));
  const script = 'curl -s -o /dev/null -w "%{http_code}" -d {} "$OPENAI_BASE_URL/v1/responses"';
  for (let turn = 0; turn < 2; turn++) {
    const { stdout, stderr } = await proxy.home.run(["run", "--key", "b", "--", "sh", "-c", script]);
    assert.equal(stdout, "200", stderr);
  }
  assert.deepEqual(tokensAsked(proxy, 0), ["b", "b"]);
});

Deno.test("with drain, sessions share a key until it is used up, and then the next", async () => {
  const files = { "a.json": '{"token":"a"}', "b.json": '{"token":"b"}' };
  const now = Math.floor(Date.now() / 1000);
  const window = (percent: number, resetsInS: number) =>
    json(200, {}, {
      "x-codex-primary-used-percent": `${percent}`,
      "x-codex-primary-window-minutes": "300",
      "x-codex-primary-reset-at": `${now + resetsInS}`,
    });
  await using proxy = await startProxy(files, (upstream) => {
    upstream.forToken("a", window(10, 9000));
    upstream.forToken("b", [window(20, 600), window(60, 600), window(100, 600)]);
  }, { env: { CLIPROXY_ROTATION: "drain" } });
  for (const pin of ["a", "b"]) await proxy.service.askForStatus({ "x-cdx2-key": pin });
  for (let turn = 0; turn < 4; turn++) {
    assert.equal(await proxy.service.askForStatus({ "session-id": `s${turn}` }), 200);
  }
  assert.deepEqual(tokensAsked(proxy, 2), ["b", "b", "a", "a"]);
});
