// Lines of the event log against what src/api/events.ts declares.

import assert from "node:assert/strict";
import * as z from "zod/mini";
import { eventLine, type EventName, EVENTS } from "../../src/api/events.ts";

/** @throws when the line is of no known event, or holds what none of that event's forms does */
export function assertIsEventLine(line: unknown): void {
  const { event } = z.parse(z.looseObject({ event: eventLine.shape.event }), line);
  assert.ok(Object.hasOwn(EVENTS, event), `there is no event ${event}`);
  const forms: readonly z.core.$ZodType[] = EVENTS[event as EventName].forms;
  const lines = forms.map((form) => z.strictObject({ ...eventLine.shape, ...shapeOf(form) }));
  z.parse(z.union(lines), line);
}

// The form of an event without fields is an empty record.
function shapeOf(form: z.core.$ZodType): z.core.$ZodShape {
  return form instanceof z.ZodMiniObject ? form.shape : {};
}
