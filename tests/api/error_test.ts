import assert from "node:assert/strict";
import { managementError } from "../../src/api/error.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs } from "../support/pages.ts";

const WRONG: readonly { line: string; key: string; status: number }[] = [
  { line: "GET /debug", key: "wrong", status: 401 },
  { line: "POST /debug", key: "management-key", status: 405 },
  { line: "GET /trace?limit=x", key: "management-key", status: 400 },
];

for (const { line, key, status } of WRONG) {
  Deno.test(`an endpoint that answers ${status} says why as declared`, async () => {
    const answer = await aManagedProxy().ask(line, { "x-management-key": key });
    assert.equal(answer.status, status);
    assertIs(managementError, answer.body);
  });
}
