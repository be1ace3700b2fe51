import assert from "node:assert/strict";
import { AttemptWatch } from "../../src/upstream/attempt_watch.ts";
import { SendError } from "../../src/system/http.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { aLink } from "../support/upstream_link.ts";

const ABORTED = new SendError("aborted", "the attempt was ended");

function aWatch() {
  const clock = new FakeClock();
  const client = new AbortController();
  return { clock, client, watch: new AttemptWatch(aLink({ clock }), client.signal) };
}

Deno.test("an AttemptWatch limits nothing after the head has come, unless the body is to be read", async () => {
  const { clock, watch } = aWatch();
  watch.headArrived();
  assert.equal(clock.pendingTimers, 0);
  await clock.advance(400_000);
  assert.equal(watch.signal.aborted, false);
  watch.limitBody();
  await clock.advance(4999);
  assert.equal(watch.signal.aborted, false);
  await clock.advance(1);
  assert.equal(watch.signal.aborted, true);
});

Deno.test("an AttemptWatch remembers what ended the attempt first", async () => {
  const { clock, client, watch } = aWatch();
  client.abort();
  await clock.advance(400_000);
  assert.deepEqual(watch.endingOf(ABORTED), { kind: "client_disconnected" });
});

Deno.test("an AttemptWatch begins ended for a client that has left already", () => {
  const watch = new AttemptWatch(aLink(), AbortSignal.abort());
  assert.equal(watch.signal.aborted, true);
  assert.deepEqual(watch.endingOf(ABORTED), { kind: "client_disconnected" });
});

Deno.test("an AttemptWatch that was stopped aborts nothing", async () => {
  const { clock, client, watch } = aWatch();
  watch.stop();
  client.abort();
  await clock.advance(400_000);
  assert.equal(watch.signal.aborted, false);
});

Deno.test("endingOf() throws a bug on", () => {
  assert.throws(() => aWatch().watch.endingOf(new TypeError("a bug")), TypeError);
});
