import assert from "node:assert/strict";
import { backOffMs, renewalAnswer } from "../../src/credentials/renewal_answer.ts";
import type { IssuedTokens, TokenAnswer } from "../../src/credentials/token_endpoint.ts";
import { Secret } from "../../src/values/secret.ts";
import { accessToken, aLogin } from "../support/logins.ts";

function tokens(account: string): TokenAnswer {
  const issued: IssuedTokens = {
    accessToken: new Secret(accessToken({ account })),
    refreshToken: undefined,
    idToken: undefined,
  };
  return { kind: "tokens", tokens: issued };
}

function refused(status: number, code?: string): TokenAnswer {
  return { kind: "refused", status, code, retryAfterMs: undefined };
}

/** `[answer, meaning]` */
const ROWS: readonly [TokenAnswer, string][] = [
  [tokens("acct-1"), "renewed"],
  [tokens("acct-2"), "unknown"],
  [{ kind: "not_sent", reason: "connection refused" }, "failed"],
  [{ kind: "unknown", reason: "the answer broke off" }, "unknown"],
  [refused(200), "failed"],
  ...[
    "refresh_token_expired",
    "refresh_token_reused",
    "refresh_token_invalidated",
    "invalid_refresh_token",
    "invalid_grant",
    "app_session_terminated",
    "account_session_expired",
    "token_expired",
  ].flatMap((code): [TokenAnswer, string][] => [[refused(400, code), "dead"], [refused(401, code), "dead"]]),
  [refused(401, "something_new"), "dead"],
  [refused(401), "failed"],
  [refused(401, "invalid_client"), "failed"],
  [refused(400, "invalid_request_error"), "failed"],
  [refused(403), "failed"],
  [refused(403, "refresh_token_invalidated"), "dead"],
  [refused(404), "failed"],
  [refused(429, "refresh_token_expired"), "failed"],
  [refused(429), "failed"],
  [refused(500, "invalid_grant"), "failed"],
  [refused(503), "failed"],
  [refused(302), "failed"],
];

for (const [answer, meaning] of ROWS) {
  const what = answer.kind === "refused"
    ? `status ${answer.status} ${answer.code ?? "without a code"}`
    : answer.kind;
  Deno.test(`renewalAnswer() takes ${what} for ${meaning}`, () => {
    assert.equal(renewalAnswer(answer, aLogin().line).kind, meaning);
  });
}

Deno.test("renewalAnswer() takes tokens that do not say whose they are", () => {
  const issued: IssuedTokens = {
    accessToken: new Secret("opaque"),
    refreshToken: undefined,
    idToken: undefined,
  };
  assert.equal(renewalAnswer({ kind: "tokens", tokens: issued }, aLogin().line).kind, "renewed");
});

Deno.test("backOffMs() is 1, 5, 15, 60 minutes, give or take 30 %", () => {
  const minutes = (failures: number, share: number) => backOffMs(failures, share) / 60_000;
  assert.deepEqual([1, 2, 3, 4, 9].map((failures) => minutes(failures, 0.5)), [1, 5, 15, 60, 60]);
  assert.deepEqual([minutes(1, 0), minutes(1, 1)], [0.7, 1.3]);
});
