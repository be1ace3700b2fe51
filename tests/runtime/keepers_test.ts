import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { keepLine, keepState } from "../../src/runtime/keepers.ts";
import { readLineFile } from "../../src/runtime/line_file.ts";
import { readState } from "../../src/runtime/state_file.ts";
import { aRecord, aVerdict, POLICY, REJECTED, T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const PATHS = runtimePaths("/auths");
const SERVICE = { pid: 7, identity: "x", startedAt: "2027-01-15T08:00:00.000Z", version: "1", host: "h" };

function aRun() {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a"), aRecord("b")], T0);
  const start = { settings: { ...POLICY, authDir: "/auths" }, service: SERVICE };
  return { pool, start, files: new MemoryFiles({ "/auths/a.json": "" }), clock: new FakeClock(T0) };
}

Deno.test("keepLine() writes how many keys can be used, in the name of its process", async () => {
  const { pool, start, files, clock } = aRun();
  using line = keepLine(start, pool, { files, clock });
  line.noteAsked();
  await clock.advance(0);
  const figures = () => readLineFile(files.text(PATHS.lineFile) ?? "", { by: SERVICE, nowMs: clock.nowMs() });
  assert.deepEqual(figures(), { fiveHoursLeft: null, weekLeft: null, usable: 2, keys: 2 });
  pool.apply(
    { record: aRecord("a"), startedMs: T0 },
    aVerdict(REJECTED, T0, { status: 401, requestId: "r" }),
  );
  await clock.advance(1000);
  assert.equal(figures()?.usable, 1);
});

Deno.test("keepState() writes where the proxy listens at once, penalties when they come, and sessions at the end", async () => {
  const { pool, start, files, clock } = aRun();
  const kept = keepState(start, pool, { files, clock, publish: () => {}, port: 8317 });
  await clock.advance(0);
  const state = () => {
    const reading = readState(files.text(PATHS.stateFile) ?? "");
    return reading.kind === "state" ? [reading.service.port, reading.keys.length] : reading.reason;
  };
  assert.deepEqual(state(), [8317, 0]);
  pool.apply(
    { record: aRecord("a"), startedMs: T0 },
    aVerdict(REJECTED, T0, { status: 401, requestId: "r" }),
  );
  await clock.advance(0);
  assert.deepEqual(state(), [8317, 1]);
  await files.remove(PATHS.stateFile);
  kept.save();
  await clock.advance(0);
  assert.deepEqual(state(), [8317, 1]);
  await kept[Symbol.asyncDispose]();
  assert.ok(files.text(PATHS.sessionsFile));
});
