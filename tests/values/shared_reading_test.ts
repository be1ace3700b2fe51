import assert from "node:assert/strict";
import fc from "fast-check";
import { sharedReading } from "../../src/values/shared_reading.ts";

/** Readings that end when they are told to; each gives its number. */
function slowReadings() {
  const begun: PromiseWithResolvers<number>[] = [];
  const ask = sharedReading(() => {
    const reading = Promise.withResolvers<number>();
    begun.push(reading);
    return reading.promise;
  });
  return { begun, ask };
}

const settled = () => new Promise<void>((resolve) => queueMicrotask(resolve)).then(() => {}).then(() => {});

Deno.test("sharedReading() never gives what was read before it was asked, and reads once for all who wait", async () => {
  const { begun, ask } = slowReadings();
  const first = [ask(), ask()];
  await settled();
  const later = [ask(), ask(), ask()];
  await settled();
  assert.equal(begun.length, 1);
  begun[0]!.resolve(1);
  assert.deepEqual(await Promise.all(first), [1, 1]);
  await settled();
  assert.equal(begun.length, 2);
  begun[1]!.resolve(2);
  assert.deepEqual(await Promise.all(later), [2, 2, 2]);
});

Deno.test("sharedReading() reads again after a reading that failed, which only those who shared it notice", async () => {
  const { begun, ask } = slowReadings();
  const failing = assert.rejects(ask(), /gone/);
  await settled();
  const later = ask();
  begun[0]!.reject(new Error("gone"));
  await failing;
  await settled();
  begun[1]!.resolve(2);
  assert.equal(await later, 2);
});

Deno.test("sharedReading() begins each answer's reading after the question, and no two at once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (steps) => {
      const { begun, ask } = slowReadings();
      const asked: { readonly before: number; readonly answer: Promise<number> }[] = [];
      let ended = 0;
      const end = async () => {
        if (ended < begun.length) begun[ended]!.resolve(ended++);
        await settled();
      };
      for (const asks of steps) {
        if (asks) asked.push({ before: begun.length, answer: ask() });
        await (asks ? settled() : end());
        assert.ok(begun.length - ended <= 1);
      }
      while (ended < begun.length) await end();
      for (const { before, answer } of asked) assert.ok(await answer >= before);
    }),
  );
});
