import assert from "node:assert/strict";
import { type Refused, unanswered } from "../../../src/cli/gateway/answer.ts";
import { gatewayError } from "../../../src/cli/gateway/error.ts";

const TLS_TEXTS = [
  "its certificate is from an unknown authority",
  "its certificate has expired",
  "its certificate is not valid yet",
  "its certificate is for another name",
  "its certificate is the one of an authority, not one that an authority has signed",
  "it speaks no TLS",
  "its certificate cannot be used",
];
const REFUSED: readonly Refused[] = [
  { kind: "no_key" },
  { kind: "wrong_key" },
  { kind: "too_many_wrong_keys", afterS: 3 },
  { kind: "refused", message: "says why" },
  ...TLS_TEXTS.map((reason) => unanswered(reason) as Refused),
  { kind: "unreachable", reason: "connection refused" },
  { kind: "down", status: 502 },
  { kind: "older" },
  { kind: "redirected", to: "https://elsewhere.example" },
  { kind: "foreign", status: 404 },
];
for (const answer of REFUSED) {
  Deno.test(`the error for ${answer.kind}${"fault" in answer ? ` (${answer.fault})` : ""} names the gateway and says what to do`, () => {
    const { message, hint, exitCode } = gatewayError(answer, "https://gateway.example");
    assert.match(message, /^Cannot use the gateway https:\/\/gateway\.example: .*[^.]$/);
    assert.match(hint ?? "", /[^.]$/);
    assert.equal(exitCode, answer.kind === "no_key" || answer.kind === "wrong_key" ? 2 : 1);
  });
}
