import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { REASON_PHRASES } from "../../src/system/reason_phrases.ts";

// Renamed by RFC 9110 §15.5.14.
const RENAMED: Readonly<Record<string, string>> = { 413: "Content Too Large" };

Deno.test("the words of each status are those that everybody uses", () => {
  const statuses = Object.keys(REASON_PHRASES);
  const known = statuses.map((status) => [status, RENAMED[status] ?? STATUS_CODES[status]]);
  assert.deepEqual(Object.entries(REASON_PHRASES), known);
});
