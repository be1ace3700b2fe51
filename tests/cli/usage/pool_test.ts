import assert from "node:assert/strict";
import { poolUsageLines } from "../../../src/cli/usage/pool.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { FakeSend } from "../../support/fake_send.ts";
import { aLaptop, MANAGEMENT } from "../../support/gateway.ts";
import { aDebugView } from "../../support/service_world.ts";
import { aPoolUsage } from "../../support/usage.ts";

Deno.test("poolUsageLines() has a row for each key and a total", () => {
  const lines = poolUsageLines(aPoolUsage());
  assert.equal(lines[0], "Usage of 2 members of the pool from 2027-01-14 to 2027-01-15");
  assert.match(lines[2]!, /^KEY +TOKENS +CACHED +OUTPUT +REQUESTS$/);
  assert.match(lines[3]!, /^a\.json +3\.3k +2\.0k +300 +3$/);
  assert.match(lines.at(-1)!, /^total +3\.4k +2\.0k +320 +4$/);
});

Deno.test("poolUsageLines() names no one day twice, needs no total of one row, and says when there is nothing", () => {
  const one = aPoolUsage({ from_day: "2027-01-15", rows: aPoolUsage().rows.slice(0, 1) });
  assert.equal(poolUsageLines(one)[0], "Usage of 2 members of the pool of 2027-01-15");
  assert.equal(poolUsageLines(one).length, 4);
  assert.deepEqual(poolUsageLines(aPoolUsage({ members: 0, rows: [] })), [
    "Usage of 0 members of the pool from 2027-01-14 to 2027-01-15: none",
  ]);
  const odd = aPoolUsage({ by: "member", rows: [{ ...aPoolUsage().rows[0]!, name: "a\x1b[2Jb" }] });
  assert.ok(!poolUsageLines(odd).join("").includes("\x1b"));
});

Deno.test("usage --pool asks the proxy or the gateway by key, day or member", async () => {
  const world = aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT });
  world.upstream = new FakeSend(() => Response.json(aDebugView()), () => Response.json(aPoolUsage()));
  const { code, out } = await world.run("usage --pool --by day --days 3 --json");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), aPoolUsage());
  assert.match(world.upstream.requests[1]!.url, /\/pool-usage\?days=3&by=day$/);
});

const REFUSED: readonly [string, RegExp][] = [
  ["usage --pool --by model", /by model\nhint: --by takes key, day, member with --pool/],
  ["usage --by member", /cdx2 usage --pool --by member/],
  ["usage --pool --html x.html", /cannot be used with/],
];

for (const [line, said] of REFUSED) {
  Deno.test(`${line} is refused as wrong usage`, async () => {
    const { code, err } = await new CliWorld().run(line);
    assert.equal(code, 2);
    assert.match(err, said);
  });
}

Deno.test("usage --pool says why the members cannot tell", async () => {
  const world = aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT });
  const why = { error: "this proxy shares no pool" };
  world.upstream = new FakeSend(
    () => Response.json(aDebugView()),
    () => Response.json(why, { status: 503 }),
  );
  const { code, err } = await world.run("usage --pool");
  assert.equal(code, 1);
  assert.match(err, /cannot be told: this proxy shares no pool\nhint: .*cdx2 pool/);
});
