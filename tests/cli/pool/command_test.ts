import assert from "node:assert/strict";
import { poolLines } from "../../../src/cli/pool/command.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { aLaptop, MANAGEMENT } from "../../support/gateway.ts";
import { aDebugView } from "../../support/service_world.ts";
import { aShared } from "../../support/shared.ts";

const NOW_MS = Date.parse("2027-01-15T08:01:00.000Z");

Deno.test("pool lists members, whose clock is off, and who found what", () => {
  const text = poolLines(aShared(), NOW_MS).join("\n");
  assert.match(text, /^rediss:\/\/build:6379 up, 2 members.*; namespace team\n/);
  assert.match(text, /^build-1 +1\.2\.3 +3 +1m +1m ago +10m fast$/m);
  assert.match(text, /^laptop \(here\) +1\.2\.3 +3 +1m +1m ago +ok$/m);
  assert.match(text, /^a\.json: found by build-1$/m);
  assert.doesNotMatch(text, /another secret/);
});

Deno.test("pool shows no name of a member or key as it is, when it could move the cursor", () => {
  const odd = "build\x1b[2J\n" + "x".repeat(200);
  const member = { ...aShared().members[0]!, name: odd, version: odd };
  const login = { file: odd, home: odd, here: false, there: false, seen_at: null, token_expires_at: null };
  const shared = aShared({ members: [member], found_by: [{ file: odd, member: odd }], logins: [login] });
  const text = poolLines(shared, NOW_MS).join("");
  // deno-lint-ignore no-control-regex -- these are searched
  assert.doesNotMatch(text, /[\x00-\x1f]/);
  assert.doesNotMatch(text, /found by \S{60}/);
});

Deno.test("pool says that there are members with another secret", () => {
  assert.match(
    poolLines(aShared({ unreadable: 2 }), NOW_MS).join("\n"),
    /^2 records of members with another secret$/m,
  );
});

Deno.test("pool asks the running proxy, and ends with 0 also where none is shared or the engine is away", async () => {
  const world = new CliWorld();
  world.runService();
  const alone = await world.run("pool");
  assert.deepEqual([alone.code, alone.out], [0, ""]);
  assert.match(alone.err, /shares no pool/);
  const sharing = new CliWorld();
  sharing.runService({ shared: aShared({ state: "degraded", reason: "connection refused" }) });
  const { code, out } = await sharing.run("pool");
  assert.equal(code, 0);
  assert.match(out, /degraded since .*connection refused/);
  assert.equal(JSON.parse((await sharing.run("pool --json")).out).shared.state, "degraded");
  assert.equal((await sharing.run("status")).code, 0);
  assert.match((await sharing.run("status")).out, /^shared +rediss.*degraded/m);
});

Deno.test("pool without a proxy says how to start one", async () => {
  const { code, err } = await new CliWorld().run("pool");
  assert.equal(code, 1);
  assert.match(err, /cdx2 proxy/);
});

Deno.test("pool secret prints another secret each time, long enough for the setting", async () => {
  const secrets = [
    (await new CliWorld().run("pool secret")).out,
    (await new CliWorld().run("pool secret")).out,
  ];
  assert.notEqual(secrets[0], secrets[1]);
  for (const secret of secrets) assert.match(secret, /^[\w-]{43}\n$/);
});

Deno.test("pool asks a gateway with its management key, and speaks of no proxy here", async () => {
  const reply = () => Response.json(aDebugView({ shared: aShared() }));
  const { code, out } = await aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, reply).run("pool");
  assert.equal(code, 0);
  assert.match(out, /^laptop \(the gateway\) /m);
  const refused = await aLaptop().run("pool");
  assert.equal(refused.code, 2);
  assert.match(refused.err, /without its management key\nhint: .*CLIPROXY_REMOTE_MANAGEMENT_KEY/);
});
