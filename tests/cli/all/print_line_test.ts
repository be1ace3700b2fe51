import assert from "node:assert/strict";
import { machine, usage } from "../../support/usage_world.ts";

Deno.test("all --line prints what the running proxy knows, and asks nobody", async () => {
  const world = machine(usage(0, 0));
  world.runService();
  world.answers.set("GET /health", { ok: true, accounts: [{ file: "a.json", status: "OK" }] });
  assert.deepEqual(await world.run("all --line"), { code: 0, out: "5h ? · week ? · 1/1 key\n", err: "" });
  assert.equal(world.upstream.requests.length, 0);
});

Deno.test("all --line without a proxy fails with nothing on standard output", async () => {
  const { code, out, err } = await machine(usage(0, 0)).run("all --line");
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /not running/);
});
