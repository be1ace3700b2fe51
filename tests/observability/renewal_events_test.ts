import assert from "node:assert/strict";
import type { Renewal } from "../../src/api/renewals.ts";
import { renewalEvent } from "../../src/observability/renewal_events.ts";
import { T0 } from "../support/builders.ts";

function aRenewal(over: Partial<Renewal>): Renewal {
  return {
    file: "work.json",
    outcome: "renewed",
    message: "a sentence",
    token_expires_at: null,
    next_try_at: null,
    login_needed: false,
    ...over,
  };
}

/** `[renewal, event, level]` */
const ROWS: readonly [Partial<Renewal>, string | undefined, string | undefined][] = [
  [{ outcome: "renewed" }, "auth.refreshed", "info"],
  [{ outcome: "adopted" }, "auth.refreshed", "info"],
  [{ outcome: "failed" }, "auth.refresh_failed", "warning"],
  [{ outcome: "unknown" }, "auth.refresh_failed", "warning"],
  [{ outcome: "kept_aside" }, "auth.refresh_failed", "error"],
  [{ outcome: "dead", login_needed: true }, "auth.login_needed", "error"],
  [{ outcome: "not_ours", login_needed: true }, "auth.login_needed", "error"],
  [{ outcome: "not_ours" }, undefined, undefined],
  [{ outcome: "not_due" }, undefined, undefined],
];

for (const [renewal, name, level] of ROWS) {
  Deno.test(`renewalEvent() of ${JSON.stringify(renewal)} is ${name}`, () => {
    const event = renewalEvent(aRenewal(renewal), T0);
    assert.deepEqual([event?.event, event?.level], [name, level]);
    if (name === "auth.login_needed") assert.equal(event?.fields.hint, "cdx2 auth login --replace work");
  });
}
