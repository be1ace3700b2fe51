import assert from "node:assert/strict";
import { eventLine, openEventLog } from "../../src/observability/event_log.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { anEvent, anOddEvent } from "../support/events.ts";
import { MemoryFiles } from "../support/memory_files.ts";

Deno.test("eventLine() writes time, level, name and message before the event's own fields", () => {
  assert.equal(
    eventLine(anOddEvent({ auth_file: "work.json", strikes: 1 })),
    '{"ts":"2026-11-22T23:41:00.123Z","level":"warning","event":"auth.cooldown",' +
      '"message":"work.json cools down for 30 s","auth_file":"work.json","strikes":1}',
  );
});

Deno.test("eventLine() is one line whatever the event holds", () => {
  assert.ok(!eventLine(anOddEvent({ error: "c\r\nd" }, { message: "a\nb" })).includes("\n"));
});

Deno.test("openEventLog() writes JSON lines", async () => {
  const files = new MemoryFiles({ "/auths/x": "" });
  const log = openEventLog({ files, clock: new FakeClock(), path: "/auths/events", maxBytes: 10_000 });
  log.publish(anEvent("auth.cooldown"));
  await log.flush();
  assert.equal(files.text("/auths/events"), `${eventLine(anEvent("auth.cooldown"))}\n`);
});
