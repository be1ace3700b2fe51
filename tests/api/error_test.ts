import assert from "node:assert/strict";
import { managementError } from "../../src/api/error.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import type { KeyVerdict } from "../../src/proxy/wrong_keys.ts";
import { assertIs } from "../support/pages.ts";

const WRONG: readonly { line: string; verdict: KeyVerdict; status: number }[] = [
  { line: "GET /debug", verdict: { kind: "wrong", isNews: false }, status: 401 },
  { line: "GET /debug", verdict: { kind: "wait", waitMs: 3_000 }, status: 429 },
  { line: "POST /debug", verdict: { kind: "right" }, status: 405 },
  { line: "GET /trace?limit=x", verdict: { kind: "right" }, status: 400 },
];

for (const { line, verdict, status } of WRONG) {
  Deno.test(`an endpoint that answers ${status} says why as declared`, async () => {
    const answer = await aManagedProxy().ask(line, verdict);
    assert.equal(answer.status, status);
    assertIs(managementError, answer.body);
  });
}
