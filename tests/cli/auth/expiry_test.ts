import assert from "node:assert/strict";
import { expiryText } from "../../../src/cli/auth/expiry.ts";
import { T0 } from "../../support/builders.ts";

const HOUR_MS = 3_600_000;

const TEXTS: [expiresAtMs: number | undefined, text: string][] = [
  [T0 + 72 * HOUR_MS, "expires in 3d"],
  [T0 + 90 * 60_000, "expires in 1h 30m"],
  [T0, "expired 0s ago"],
  [T0 - 2 * HOUR_MS, "expired 2h ago"],
  [undefined, "no end known"],
];

for (const [expiresAtMs, text] of TEXTS) {
  Deno.test(`expiryText() says "${text}"`, () => assert.equal(expiryText(expiresAtMs, T0), text));
}
