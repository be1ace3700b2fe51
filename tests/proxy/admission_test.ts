import assert from "node:assert/strict";
import fc from "fast-check";
import { Admission, RESERVE_DESCRIPTORS } from "../../src/proxy/admission.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A process with a limit, where requests take two descriptors each, and other things take `others`. */
class Machine {
  readonly clock = new FakeClock();
  inFlight = 0;
  /** Connections without a request. */
  waiting = 0;
  others = 25;
  looks = 0;
  readonly admission = new Admission({
    hasSpare: (count) => (this.looks++, this.free >= count),
    clock: this.clock,
  });

  constructor(readonly limit: number) {}

  get connections(): number {
    return 2 * this.inFlight + this.waiting;
  }

  get free(): number {
    return this.limit - this.others - this.connections;
  }

  ask(): boolean {
    const isAdmitted = this.admission.admits(() => this.connections);
    if (isAdmitted) this.inFlight++;
    return isAdmitted;
  }
}

Deno.test("Admission takes requests up to the reserve, then refuses them, and takes them again", async () => {
  const machine = new Machine(1_024);
  for (let count = 0; count < 600; count++) machine.ask();
  assert.ok(machine.inFlight > 450, `${machine.inFlight} of about 475 that fit`);
  assert.ok(machine.free >= RESERVE_DESCRIPTORS / 2);
  machine.inFlight -= 50;
  await machine.clock.advance(100);
  assert.ok(machine.ask());
});

Deno.test("Admission sees connections without a request at once", () => {
  const machine = new Machine(200);
  assert.ok(machine.ask());
  machine.waiting = 170;
  assert.equal(machine.ask(), false);
});

Deno.test("Admission sees what else takes descriptors soon after a request", async () => {
  const machine = new Machine(200);
  assert.ok(machine.ask());
  machine.others = 180;
  await machine.clock.advance(10_000);
  assert.ok(machine.ask());
  await machine.clock.advance(100);
  assert.equal(machine.ask(), false);
});

Deno.test("Admission makes no request of a few wait for a look, but the first", async () => {
  const machine = new Machine(1_024);
  for (let at = 0; at < 100; at++) {
    const { looks } = machine;
    assert.ok(machine.ask());
    assert.equal(machine.looks, at === 0 ? 1 : looks);
    await machine.clock.advance(5_000);
    machine.inFlight--;
    await machine.clock.advance(at * 1_000);
  }
  assert.ok(machine.looks > 50, "it looks after them");
});

Deno.test("Admission looks seldom in steady traffic, and not for each refusal", async () => {
  const steady = new Machine(1_024);
  for (let at = 0; at < 30_000; at += 10) {
    steady.ask();
    steady.inFlight--;
    await steady.clock.advance(10);
  }
  assert.ok(steady.looks <= 4, `${steady.looks} looks`);
  const full = new Machine(30);
  for (let count = 0; count < 1_000; count++) assert.equal(full.ask(), false);
  assert.equal(full.looks, 1);
});

Deno.test("Admission leaves a part of the reserve, whatever comes and goes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 60, max: 400 }),
    fc.array(
      fc.record({ asks: fc.nat(40), ends: fc.nat(40), waiting: fc.nat(30), afterMs: fc.nat(20_000) }),
      { maxLength: 30 },
    ),
    async (limit, steps) => {
      const machine = new Machine(limit);
      for (const { asks, ends, waiting, afterMs } of steps) {
        for (let count = 0; count < asks; count++) {
          if (machine.ask()) {
            assert.ok(machine.free >= RESERVE_DESCRIPTORS / 2 - 2, `${machine.free} free`);
          }
        }
        machine.inFlight = Math.max(0, machine.inFlight - ends);
        machine.waiting = Math.min(waiting, machine.free + machine.waiting);
        await machine.clock.advance(afterMs);
      }
    },
  ));
});
