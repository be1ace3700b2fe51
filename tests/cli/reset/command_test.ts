import assert from "node:assert/strict";
import type { Reset } from "../../../src/api/reset.ts";
import { resetLine } from "../../../src/cli/reset/command.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { anAccount } from "../../support/doctor_facts.ts";

const NO_FILTER = { name: null, state: null };

function aWorld(): CliWorld {
  const world = new CliWorld();
  world.runService();
  world.answers.set("GET /health", {
    ok: true,
    accounts: [
      anAccount({ file: "a.json", email: "ann@example.com", alias: "main" }),
      anAccount({ file: "b.json", email: null }),
    ],
  });
  world.answers.set("POST /reset", { reset: 2, files: ["a.json", "b.json"], filter: NO_FILTER });
  return world;
}

Deno.test("reset says how many keys it cleared, and which", async () => {
  assert.deepEqual(await aWorld().run("reset"), { code: 0, out: "reset 2 keys: a.json, b.json\n", err: "" });
});

Deno.test("reset --name --state resets only these", async () => {
  const world = aWorld();
  const filter = { name: "a.json", state: "cooldown" };
  world.answers.set("POST /reset?name=a.json&state=cooldown", { reset: 1, files: ["a.json"], filter });
  const { out } = await world.run("reset --name a.json --state cooldown");
  assert.equal(out, "reset 1 key: a.json\n");
});

Deno.test("reset --name takes every name of a key", async () => {
  for (const name of ["a.json", "a", "MAIN", "ann@example.com"]) {
    const world = aWorld();
    const filter = { name: "a.json", state: null };
    world.answers.set("POST /reset?name=a.json", { reset: 1, files: ["a.json"], filter });
    assert.equal((await world.run(`reset --name ${name}`)).out, "reset 1 key: a.json\n", name);
  }
});

Deno.test("reset --json answers as the endpoint does", async () => {
  const { out } = await aWorld().run("reset --json");
  assert.deepEqual(JSON.parse(out), { reset: 2, files: ["a.json", "b.json"], filter: NO_FILTER });
});

Deno.test("reset refuses an unknown name, and lists the names that exist", async () => {
  assert.deepEqual(await aWorld().run("reset --name c.json"), {
    code: 1,
    out: "",
    err: 'Cannot reset the key: no key is called "c.json"\n' +
      "hint: the keys are a.json (main, ann@example.com), b.json\n",
  });
});

Deno.test("reset accepts only states that can be cleared", async () => {
  const { code, err } = await aWorld().run("reset --state whitelist");
  assert.equal(code, 2);
  assert.match(err, /Allowed choices are blacklisted, cooldown, probation/);
});

Deno.test("reset ends with 1 without a proxy", async () => {
  const { code, err } = await new CliWorld().run("reset");
  assert.equal(code, 1);
  assert.match(err, /^The proxy is not running\n/);
});

const LINES: { filter: Reset["filter"]; says: string }[] = [
  { filter: NO_FILTER, says: "nothing to reset: no key has a penalty" },
  { filter: { name: null, state: "cooldown" }, says: "nothing to reset: no key is in the state cooldown" },
  { filter: { name: "a.json", state: null }, says: "nothing to reset: a.json has no penalty" },
  {
    filter: { name: "a.json", state: "cooldown" },
    says: "nothing to reset: a.json is not in the state cooldown",
  },
];

for (const { filter, says } of LINES) {
  Deno.test(`resetLine() of no key with ${JSON.stringify(filter)}`, () => {
    assert.equal(resetLine({ reset: 0, files: [], filter }), says);
  });
}
