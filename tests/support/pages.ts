// Management pages and parts of them, as the client gives them to the commands, and checked as strictly as declared.

import assert from "node:assert/strict";
import * as z from "zod/mini";
import { type Account, account } from "../../src/api/health.ts";
import type { JsonType, ValueOf } from "../../src/api/json_types.ts";
import { type Received, received } from "../../src/api/received.ts";
import { type TraceRow, traceRow } from "../../src/api/trace.ts";

/** @throws when the value is not what this version declares, field for field */
export function assertIs(type: JsonType, value: unknown): void {
  const result = z.safeParse(type.schema(z), value);
  assert.ok(result.success, result.error && z.prettifyError(result.error));
  assert.deepEqual(result.data, value);
}

/** What the client makes of JSON; a field that a test does not name reads as nothing. */
export function readAs<T extends JsonType>(type: T, json: unknown): Received<ValueOf<T>> {
  const value = received(type, json);
  assert.ok(value !== undefined, `cannot be read: ${JSON.stringify(json)}`);
  return value;
}

/** A key of `/health`. */
export function anAccountOf(json: unknown): Received<Account> {
  return readAs(account, json);
}

/** A row of `/trace`. */
export function aTraceRow(json: unknown): Received<TraceRow> {
  return readAs(traceRow, json);
}
