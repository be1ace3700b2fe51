// Lines of the event log against what src/api/events.ts declares.

import assert from "node:assert/strict";
import * as z from "zod/mini";
import { fieldsOf } from "../../scripts/docs/json_fields.ts";
import { eventLine, type EventName, EVENTS } from "../../src/api/events.ts";
import { type JsonType, object } from "../../src/api/json_types.ts";

/** @throws when the line is of no known event, or holds what none of that event's forms does */
export function assertIsEventLine(line: unknown): void {
  const { event } = z.parse(z.looseObject({ event: z.string() }), line);
  assert.ok(Object.hasOwn(EVENTS, event), `there is no event ${event}`);
  const forms: readonly JsonType[] = EVENTS[event as EventName].forms;
  const lines = forms.map((form) => object({ ...fieldsOf(eventLine), ...fieldsOf(form) }).schema(z));
  z.parse(z.union(lines), line);
}
