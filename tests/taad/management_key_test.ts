// Who may look and who may act: clients need nothing, the management endpoints want the management key. Contract,
// section 6.

import assert from "node:assert/strict";
import { happyEvents, sse } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { codexLogin } from "../support/login.ts";
import { Home } from "../support/program.ts";
import { startProxy } from "../support/running_proxy.ts";

const ENDPOINTS = [
  ["GET", "/debug"],
  ["GET", "/trace"],
  ["GET", "/health"],
  ["GET", "/auth-files"],
  ["GET", "/metrics"],
  ["POST", "/reset"],
  ["POST", "/shutdown"],
] as const;

Deno.test("without the management key each endpoint says no, in the same words, and does nothing", async () => {
  await using proxy = await startProxy({ "work.json": codexLogin() }, () => {});
  for (const [method, path] of ENDPOINTS) {
    for (const headers of [{}, { "x-management-key": "guessed" }]) {
      const response = await fetch(proxy.service.baseUrl + path, { method, headers });
      assert.equal(response.status, 401, path);
      assert.deepEqual(await response.json(), { error: "unauthorized management request" });
    }
  }
  assert.ok(await proxy.service.isRunning());
  assert.equal(proxy.upstream.requests.length, 0, "and none of it is taken for a client's request");
});

Deno.test("with the management key each endpoint answers, and names the method that it wants", async () => {
  await using proxy = await startProxy({ "work.json": codexLogin() }, () => {});
  for (const [method, path] of ENDPOINTS) {
    const wrong = await proxy.service.manage(path, method === "GET" ? "POST" : "GET");
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, method], path);
    await wrong.body?.cancel();
    const right = await proxy.service.manage(path, method);
    assert.equal(right.status, 200, path);
    await right.body?.cancel();
  }
  await proxy.service.untilGone();
});

Deno.test("the first start makes a management key, keeps it for the owner alone, and shows it to nobody", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, sse(happyEvents("hello")));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
  await Deno.writeTextFile(`${home.authDir}/work.json`, codexLogin());
  const started = await home.run(["proxy", "--print-env"]);
  const env = await Deno.readTextFile(`${home.authDir}/.env`);
  const key = /^CLIPROXY_MANAGEMENT_KEY=([\w-]{32})$/m.exec(env)?.[1];
  assert.ok(key);
  assert.equal((await Deno.stat(`${home.authDir}/.env`)).mode! & 0o777, 0o600);

  const status = await home.run(["status", "--json"]);
  const { base_url, healthy } = JSON.parse(status.stdout);
  assert.equal(healthy, true, "the commands find the key by themselves");
  for (const { stdout, stderr } of [started, status]) assert.ok(!(stdout + stderr).includes(key));

  const client = await fetch(`${base_url}/v1/responses`, { method: "POST", body: "{}" });
  assert.equal(client.status, 200, "clients need none");
  await client.body?.cancel();
});
