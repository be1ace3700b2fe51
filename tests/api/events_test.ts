import assert from "node:assert/strict";
import { eventLine as lineOf } from "../../src/observability/event_log.ts";
import { anAttempt, anEvent } from "../support/events.ts";
import { assertIsEventLine } from "../support/event_lines.ts";

Deno.test("the event log writes lines as they are declared", () => {
  for (
    const event of [
      anEvent("log.recovered", { fields: { lost: 3 } }),
      anAttempt(),
      anAttempt({ stream_end: "completed", error: "timeout" }),
    ]
  ) {
    assertIsEventLine(JSON.parse(lineOf(event)));
  }
});

const LINE = { ts: "2027-01-15T08:00:00.000Z", level: "info", message: "x" };

for (const event of ["auth.loaded", "proxy.started", "state.not_saved"]) {
  Deno.test(`${event} may have none of its own fields, and no field of another event`, () => {
    assertIsEventLine({ ...LINE, event });
    assert.throws(() => assertIsEventLine({ ...LINE, event, lost: 3 }));
  });
}

Deno.test("an event has the fields of one of its forms, not of two", () => {
  assertIsEventLine({ ...LINE, event: "proxy.started", pid: 7, port: 8317 });
  assert.throws(() => assertIsEventLine({ ...LINE, event: "proxy.started", pid: 7, hint: "x" }));
});

Deno.test("there are no events but those that are declared", () => {
  assert.throws(() => assertIsEventLine({ ...LINE, event: "proxy.paused" }), /no event proxy.paused/);
});
