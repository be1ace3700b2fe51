// Management pages and parts of them, as the client gives them to the commands.

import assert from "node:assert/strict";
import type * as z from "zod/mini";
import type { ValueOf } from "../../src/api/fields.ts";
import { account } from "../../src/api/health.ts";
import { type Received, received } from "../../src/api/received.ts";
import { traceRow } from "../../src/api/trace.ts";

/** What the client makes of JSON; a field that a test does not name reads as nothing. */
export function readAs<S extends z.core.$ZodType>(schema: S, json: unknown): Received<ValueOf<S>> {
  const value = received(schema, json);
  assert.ok(value !== undefined, `cannot be read: ${JSON.stringify(json)}`);
  return value;
}

/** A key of `/health`. */
export function anAccountOf(json: unknown): Received<ValueOf<typeof account>> {
  return readAs(account, json);
}

/** A row of `/trace`. */
export function aTraceRow(json: unknown): Received<ValueOf<typeof traceRow>> {
  return readAs(traceRow, json);
}
