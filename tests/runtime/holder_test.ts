import assert from "node:assert/strict";
import { holderNow, holderOf } from "../../src/runtime/holder.ts";
import type { ProcessRecord } from "../../src/runtime/process_record.ts";
import { T0 } from "../support/builders.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { VERSION } from "../support/service_world.ts";

const PID = 4120;
const MINUTE_MS = 60_000;

const RECORD: ProcessRecord = {
  pid: PID,
  identity: "ticks:99",
  startedAt: new Date(T0 - MINUTE_MS).toISOString(),
  version: VERSION,
};

const HOLDERS: readonly {
  when: string;
  record?: ProcessRecord;
  isAlive?: boolean;
  identity?: string;
  kind: string;
}[] = [
  { when: "nothing is recorded", kind: "none" },
  { when: "the pid is free", record: RECORD, isAlive: false, kind: "ended" },
  { when: "only a zombie is left", record: RECORD, isAlive: true, kind: "ended" },
  {
    when: "the pid was given out again",
    record: RECORD,
    isAlive: true,
    identity: "ticks:7",
    kind: "foreign",
  },
  { when: "it is the same run", record: RECORD, isAlive: true, identity: "ticks:99", kind: "ours" },
  {
    when: "no identity was recorded",
    record: { ...RECORD, identity: null },
    isAlive: true,
    kind: "unproven",
  },
];

for (const { when, record, isAlive = false, identity, kind } of HOLDERS) {
  Deno.test(`holderOf() says ${kind} when ${when}`, () => {
    const holder = holderOf(record, { isAlive, identity, ageMs: undefined, nowMs: T0 });
    assert.equal(holder.kind, kind);
    if ("ageMs" in holder) assert.equal(holder.ageMs, MINUTE_MS);
  });
}

Deno.test("holderNow() looks at what runs under the pid of the record at this moment", async () => {
  const processes = new FakeProcesses();
  const now = () => holderNow({ processes, clock: { nowMs: () => T0 } }, RECORD);
  assert.equal((await now()).kind, "ended");
  processes.run(PID, { identity: "ticks:99" });
  assert.deepEqual(await now(), { kind: "ours", pid: PID, identity: "ticks:99", ageMs: MINUTE_MS });
  // Somebody has set the wall clock since.
  processes.ages.set(PID, 5000);
  assert.deepEqual(await now(), { kind: "ours", pid: PID, identity: "ticks:99", ageMs: 5000 });
  processes.run(PID, { identity: "ticks:100" });
  assert.equal((await now()).kind, "foreign");
});
