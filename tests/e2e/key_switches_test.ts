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
