import assert from "node:assert/strict";
import { Waiters } from "../../src/observability/waiters.ts";

Deno.test("Waiters wakes everybody who waits, once", async () => {
  const waiters = new Waiters();
  const never = new AbortController().signal;
  let woken = 0;
  const waits = [1, 2].map(() => waiters.next(never).then(() => woken++));
  waiters.wake();
  await Promise.all(waits);
  waiters.wake();
  assert.equal(woken, 2);
});

Deno.test("a wait ends with its signal", async () => {
  const leaving = new AbortController();
  const waiting = new Waiters().next(leaving.signal);
  leaving.abort();
  await waiting;
  await new Waiters().next(leaving.signal);
});
