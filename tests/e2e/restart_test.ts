// What a service knows from the one before it, and what it notices in the auth dir while it runs.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { happyEvents, json, sse } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY, CLIPROXY_HOLD_SECONDS: "0" };

const ENDS: readonly [string, (service: Service) => Promise<unknown>][] = [
  ["was stopped", (service) => service.stop()],
  ["crashed", (service) => service.crash()],
];

for (const [how, end] of ENDS) {
  Deno.test(`penalties outlive a service that ${how}, and end with the token that they are about`, async () => {
    await using upstream = await startFakeUpstream();
    upstream.forToken("token-dead", json(401, { error: { code: "token_revoked" } }));
    upstream.forToken("token-limited", json(429, {}, { "retry-after": "3600" }));
    await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
    await home.addKey("dead.json", "token-dead");
    await home.addKey("limited.json", "token-limited");
    const first = await Service.start(home);
    assert.equal(await first.askForStatus(), 429);
    const before = await first.accounts();
    assert.deepEqual(statesOf(before), {
      "dead.json": "BLACKLIST token_revoked",
      "limited.json": "COOLDOWN http_429",
    });
    await until("both penalties are in the state file", async () => {
      const text = await Deno.readTextFile(runtimePaths(home.authDir).stateFile);
      return text.includes('"blacklist"') && text.includes('"cooldown"');
    });
    await end(first);

    await home.addKey("limited.json", "token-new");
    upstream.forToken("token-new", sse(happyEvents("hello")));
    const second = await Service.start(home);
    const after = await second.accounts();
    assert.deepEqual(statesOf(after), { "dead.json": "BLACKLIST token_revoked", "limited.json": "OK" });
    assert.equal(after[0]!.until, before[0]!.until);
    assert.equal(await second.askForStatus(), 200);
    assert.equal(upstream.requestsOf("token-dead").length, 1, "the ejected key was not tried again");

    await home.addKey("dead.json", "token-healed");
    await until("the new token counts", async () => {
      return statesOf(await second.accounts())["dead.json"] === "OK";
    });
  });
}

/** `[what, what becomes of the text, why it cannot be used]` */
const UNUSABLE: readonly [string, (text: string) => string, RegExp][] = [
  ["is empty", () => "", /it is not a JSON object/],
  ["was cut off", (text) => text.slice(0, text.length / 2), /it is not a JSON object/],
  [
    "has another version",
    (text) => text.replace(/"\$schema_version": \d+/, '"$schema_version": 99'),
    /it has version 99/,
  ],
  [
    "says nothing of the service",
    (text) => text.replace(/"service": \{[^}]*\}/, '"service": []'),
    /its service entry is incomplete/,
  ],
];

Deno.test("a state file that cannot be used is set aside, said so, and the service runs", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("token-of-work", json(401, {}));
  await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("work.json", "token-of-work");
  const { stateFile, logFile } = runtimePaths(home.authDir);
  await (await Service.start(home)).stop();
  for (const [what, damaged, reason] of UNUSABLE) {
    const text = damaged(await Deno.readTextFile(stateFile));
    await Deno.writeTextFile(stateFile, text);
    await Deno.remove(logFile);

    const service = await Service.start(home);
    assert.deepEqual(statesOf(await service.accounts()), { "work.json": "OK" }, what);
    assert.equal(await Deno.readTextFile(`${stateFile}.set-aside`), text, what);
    const said = (await home.run(["logs"])).stdout;
    assert.match(said, /WARN +state\.set_aside +the state file cannot be used: .*set aside/, what);
    assert.match(said, reason, what);
    assert.equal(await service.askForStatus(), 503, what);
    await service.stop();
  }
});

Deno.test("a folder that stands where the state file belongs is set aside as well", async () => {
  await using home = await Home.make(ENV);
  const { stateFile } = runtimePaths(home.authDir);
  await Deno.mkdir(stateFile);
  await Service.start(home);
  assert.ok((await Deno.stat(`${stateFile}.set-aside`)).isDirectory);
  await until("the state is saved", () => Deno.stat(stateFile).then(({ isFile }) => isFile, () => false));
});

Deno.test("key files that appear, change or go are noticed while the service runs", async () => {
  await using home = await Home.make(ENV);
  const service = await Service.start(home);
  const write = (file: string, token: string) =>
    Deno.writeTextFile(
      `${home.authDir}/${file}`,
      JSON.stringify({ access_token: token, email: `${token}@example.com` }),
    );
  const untilKnown = (what: string, keys: Record<string, string>) =>
    until(what, async () => {
      const known = (await service.accounts()).map(({ file, email }) => [file, email]);
      return JSON.stringify(known) === JSON.stringify(Object.entries(keys));
    });

  for (const name of ["breaks", "goes", "replaced", "written"]) await write(`${name}.json`, `${name}-1`);
  await untilKnown("they appear", {
    "breaks.json": "breaks-1@example.com",
    "goes.json": "goes-1@example.com",
    "replaced.json": "replaced-1@example.com",
    "written.json": "written-1@example.com",
  });
  await Deno.writeTextFile(`${home.authDir}/breaks.json`, "{");
  await Deno.remove(`${home.authDir}/goes.json`);
  await write("replaced.json.swp", "replaced-2");
  await Deno.rename(`${home.authDir}/replaced.json.swp`, `${home.authDir}/replaced.json`);
  await write("written.json", "written-2");
  await untilKnown("they change", {
    "replaced.json": "replaced-2@example.com",
    "written.json": "written-2@example.com",
  });
});

/** Each key's status and cause by its file. */
function statesOf(accounts: Awaited<ReturnType<Service["accounts"]>>): Record<string, string> {
  return Object.fromEntries(
    accounts.map(({ file, status, reason }) => [file, reason === null ? status : `${status} ${reason}`]),
  );
}
