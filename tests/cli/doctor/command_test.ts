import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { anAccount, anEjectedAccount } from "../../support/doctor_facts.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { aRecordedDay } from "../../support/recorded_day.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

function aWorld(): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/work.json`, JSON.stringify({ access_token: "token-of-work" }));
  world.upstream = new FakeSend(answer(403));
  world.runService();
  world.answers.set("GET /health", { ok: true, accounts: [anAccount(), anEjectedAccount()] });
  world.answers.set("GET /auth-files", { files: [{ file: "work.json", usable: true }] });
  return world;
}

Deno.test("doctor shows each key and ends with 0 while one can be used", async () => {
  const { code, out, err } = await aWorld().run("doctor");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Ok\n {2}work\.json {2}used 12 /m);
  assert.match(out, /^Blacklisted\n {2}dead\.json\n/m);
});

Deno.test("doctor ends with 1 when no key can be used", async () => {
  const world = aWorld();
  world.answers.set("GET /health", { ok: false, accounts: [anEjectedAccount()] });
  const { code, out } = await world.run("doctor");
  assert.equal(code, 1);
  assert.match(out, /fail {5}keys: 0 of 1 key can be used/);
});

Deno.test("doctor ends with 1 without a proxy, and still looks at the files", async () => {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/notes.json`, "nonsense");
  const { code, out } = await world.run("doctor");
  assert.equal(code, 1);
  assert.match(out, /^The proxy is not running/);
  assert.match(out, /^Rejected files\n {2}notes\.json {2}not valid JSON$/m);
});

Deno.test("doctor --json answers with one value on stdout", async () => {
  const { code, out, err } = await aWorld().run("doctor --json");
  assert.deepEqual([code, err], [0, ""]);
  const { ok, summary } = JSON.parse(out);
  assert.deepEqual([ok, summary.total], [true, 2]);
});

Deno.test("doctor wraps and colours on a terminal, and does neither with --plain", async () => {
  const world = aWorld();
  world.terminal.outIsTerminal = true;
  world.terminal.outSize = { columns: 50, rows: 15 };
  const { out: wrapped } = await world.run("doctor");
  const { out: plain } = await world.run("doctor --plain");
  assert.ok(wrapped.includes("\x1b[") && !plain.includes("\x1b["));
  assert.ok(wrapped.split("\n").length > plain.split("\n").length);
});

Deno.test("doctor --replay asks no proxy, and lays its answer out as the diagnosis", async () => {
  const world = new CliWorld();
  world.machine.files.put("/log.jsonl", aRecordedDay());
  world.terminal.outIsTerminal = true;
  const { code, out } = await world.run("doctor --replay /log.jsonl --set hold_seconds=5");
  assert.equal(code, 0);
  assert.ok(out.startsWith("\x1b[1mReplay") && out.includes("hold_seconds=5"));
  const { out: plain } = await world.run("doctor --replay /log.jsonl --plain");
  assert.ok(!plain.includes("\x1b["));
});
