import assert from "node:assert/strict";
import { reset } from "../../src/api/reset.ts";
import { REJECTED } from "../support/builders.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs } from "../support/pages.ts";

for (const query of ["", "?name=a.json&state=blacklist"]) {
  Deno.test(`POST /reset${query} answers what is declared, and nothing else`, async () => {
    const { ask, judge } = aManagedProxy();
    judge("a", REJECTED);
    const { body } = await ask(`POST /reset${query}`);
    assert.equal(body.reset, 1);
    assertIs(reset, body);
  });
}
