import assert from "node:assert/strict";
import type { RenewalOutcome } from "../../src/credentials/renewal_plan.ts";
import { loginCommand, needsLogin, outcomeText } from "../../src/credentials/renewal_text.ts";

/** `[outcome, sentence, does only a login help?]` */
const ROWS: readonly [RenewalOutcome, string, boolean][] = [
  [{ kind: "renewed", endsAtMs: 5 }, "work.json is renewed; its token expires at 5", false],
  [{ kind: "renewed", endsAtMs: undefined }, "work.json is renewed", false],
  [
    { kind: "adopted", from: "codex", endsAtMs: undefined },
    "work.json has taken over Codex's new token",
    false,
  ],
  [
    { kind: "kept_aside", path: "/s/x.login", reason: "its file cannot be written: full" },
    "work.json is renewed, but its file cannot be written: full; the new login is in /s/x.login",
    false,
  ],
  [{ kind: "not_due", dueAtMs: 7 }, "work.json is not due before at 7", false],
  [{ kind: "not_due", dueAtMs: undefined }, "work.json does not say when its token expires", false],
  [
    { kind: "not_ours", reason: "its file holds no refresh token", needsLogin: false },
    "work.json is not renewed: its file holds no refresh token",
    false,
  ],
  [{ kind: "not_ours", reason: "used up", needsLogin: true }, "work.json is not renewed: used up", true],
  [
    { kind: "dead", code: "invalid_grant" },
    "work.json can no longer be renewed: the issuer refuses its refresh token (invalid_grant)",
    true,
  ],
  [
    { kind: "failed", reason: "status 500", retryAtMs: 9 },
    "work.json could not be renewed: status 500; next try at 9",
    false,
  ],
  [
    { kind: "unknown", reason: "the answer broke off" },
    "it is not known whether work.json was renewed: the answer broke off; it is not tried again before its token stops working",
    false,
  ],
];

for (const [outcome, sentence, onlyLogin] of ROWS) {
  Deno.test(`outcomeText() of ${JSON.stringify(outcome)}`, () => {
    assert.equal(
      outcomeText(outcome, { file: "work.json", momentText: (timeMs) => `at ${timeMs}` }),
      sentence,
    );
    assert.equal(needsLogin(outcome), onlyLogin);
  });
}

Deno.test("loginCommand() names the key without .json", () => {
  assert.equal(loginCommand("work.json"), "cdx2 auth login --replace work");
});
