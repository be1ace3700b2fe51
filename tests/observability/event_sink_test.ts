import assert from "node:assert/strict";
import { openEventSink } from "../../src/observability/event_sink.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { anEvent } from "../support/events.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const PATH = "/auths/log";

function opened() {
  const files = new MemoryFiles({ "/auths/x": "" });
  const sink = openEventSink(
    { files, clock: new FakeClock(), path: PATH, maxBytes: 10_000 },
    ({ event, message }) => `${event}: ${message}`,
  );
  return { files, sink };
}

Deno.test("openEventSink() writes one line for each event", async () => {
  const { files, sink } = opened();
  sink.publish(anEvent("auth.cooldown", { message: "one" }));
  sink.publish(anEvent("auth.cooldown", { message: "two" }));
  await sink.flush();
  assert.equal(files.text(PATH), "auth.cooldown: one\nauth.cooldown: two\n");
  assert.equal(sink.dropped, 0);
});

for (const [lost, lines] of [[1, "1 line"], [3, "3 lines"]] as const) {
  Deno.test(`openEventSink() reports ${lines} lost when writing works again`, async () => {
    const { files, sink } = opened();
    files.failAt(PATH, "no_space");
    for (let n = 0; n < lost; n++) sink.publish(anEvent("auth.cooldown", { message: "lost" }));
    await sink.flush();
    files.healAt(PATH);
    sink.publish(anEvent("auth.cooldown", { message: "after" }));
    await sink.flush();
    assert.equal(
      files.text(PATH),
      `auth.cooldown: after\n` +
        `log.recovered: ${lines} of this log could not be written: ${PATH}: no space left on device\n`,
    );
    assert.equal(sink.dropped, lost);
  });
}
