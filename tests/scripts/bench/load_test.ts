import assert from "node:assert/strict";
import { CASES } from "../../../scripts/bench/cases.ts";
import { startUpstream } from "../../../scripts/bench/contenders.ts";
import { load } from "../../../scripts/bench/load.ts";
import { TICK_MS } from "../../../scripts/bench/tick.ts";

Deno.test("load() gets from the upstream of the benchmark what each case asks for", async () => {
  const { direct } = await startUpstream(undefined);
  try {
    for (const one of CASES.filter(({ isTls, concurrency }) => !isTls && concurrency <= 10)) {
      const { eachMs, delaysMs, wholeMs } = await load(direct.plain, { ...one, maxCount: one.concurrency });
      assert.equal(eachMs.length, one.concurrency, one.name);
      assert.equal(delaysMs.length, one.concurrency * one.events, one.name);
      const lastBeginsMs = one.beginWithinMs * (one.concurrency - 1) / one.concurrency;
      assert.ok(wholeMs > one.events * TICK_MS + lastBeginsMs - TICK_MS, one.name);
      assert.ok(delaysMs.every((delayMs) => delayMs >= 0), one.name);
    }
  } finally {
    await direct.stop();
  }
});
