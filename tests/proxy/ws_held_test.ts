import assert from "node:assert/strict";
import { HeldMessages } from "../../src/proxy/ws_held.ts";
import { FakeClock } from "../support/fake_clock.ts";

function held() {
  const clock = new FakeClock();
  const got: string[] = [];
  return { clock, got, messages: new HeldMessages(clock, (text) => void got.push(text)) };
}

Deno.test("HeldMessages holds for two seconds, then nothing more of this answer", async () => {
  const { clock, got, messages } = held();
  messages.hold("a");
  await clock.advance(1000);
  messages.hold("b");
  await clock.advance(999);
  assert.deepEqual(got, []);
  await clock.advance(1);
  assert.deepEqual(got, ["a", "b"]);
  messages.hold("c");
  assert.deepEqual(got, ["a", "b", "c"]);
});

Deno.test("HeldMessages holds a megabyte at most", () => {
  const { got, messages } = held();
  const large = "x".repeat(600_000);
  messages.hold(large);
  assert.deepEqual(got, []);
  messages.hold(large);
  assert.deepEqual(got, [large, large]);
});

Deno.test("HeldMessages emits in order, and holds the next answer again", async () => {
  const { clock, got, messages } = held();
  messages.hold("a");
  await clock.advance(2000);
  messages.release();
  messages.hold("b");
  assert.deepEqual(got, ["a"]);
  messages.release();
  assert.deepEqual(got, ["a", "b"]);
  messages.hold("c");
  messages.drop();
  await clock.advance(2000);
  assert.deepEqual(got, ["a", "b"]);
  assert.equal(clock.pendingTimers, 0);
});
