import assert from "node:assert/strict";
import fc from "fast-check";
import { Admission, RESERVE_DESCRIPTORS } from "../../src/proxy/admission.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A process with a limit, where requests take two descriptors each and other things take `others`. */
class Machine {
  readonly clock = new FakeClock();
  inFlight = 0;
  others = 25;
  looks = 0;
  readonly admission = new Admission({
    hasSpare: (count) => (this.looks++, this.free >= count),
    clock: this.clock,
  });

  constructor(readonly limit: number) {}

  get free(): number {
    return this.limit - this.others - 2 * this.inFlight;
  }

  ask(): boolean {
    const isAdmitted = this.admission.admits(this.inFlight);
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

Deno.test("Admission sees what takes descriptors without being a request within a second", async () => {
  const machine = new Machine(200);
  assert.ok(machine.ask());
  machine.others = 190;
  await machine.clock.advance(1_000);
  assert.equal(machine.ask(), false);
});

Deno.test("Admission looks once a second in steady traffic, and not for each refusal", async () => {
  const steady = new Machine(1_024);
  for (let at = 0; at < 10_000; at += 10) {
    steady.ask();
    steady.inFlight--;
    await steady.clock.advance(10);
  }
  assert.ok(steady.looks <= 11, `${steady.looks} looks`);
  const full = new Machine(30);
  for (let count = 0; count < 1_000; count++) assert.equal(full.ask(), false);
  assert.equal(full.looks, 1);
});

Deno.test("Admission leaves a part of the reserve, whatever comes and goes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 60, max: 400 }),
    fc.array(fc.record({ asks: fc.nat(40), ends: fc.nat(40), afterMs: fc.nat(1_500) }), { maxLength: 30 }),
    async (limit, steps) => {
      const machine = new Machine(limit);
      for (const { asks, ends, afterMs } of steps) {
        for (let count = 0; count < asks; count++) machine.ask();
        assert.ok(
          machine.inFlight === 0 || machine.free >= RESERVE_DESCRIPTORS / 2 - 2,
          `${machine.free} free`,
        );
        machine.inFlight = Math.max(0, machine.inFlight - ends);
        await machine.clock.advance(afterMs);
      }
    },
  ));
});
