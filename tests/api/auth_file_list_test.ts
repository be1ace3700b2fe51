import assert from "node:assert/strict";
import { Secret } from "../../src/values/secret.ts";
import { authFileList } from "../../src/api/auth_file_list.ts";
import { aRecord, T0 } from "../support/builders.ts";

Deno.test("authFileList() lists good files and bad ones by name", () => {
  const views = authFileList({
    records: [aRecord("b", { plan: "plus", expiresAtMs: T0, alias: "lab", priority: -3 })],
    rejected: [{ file: "a.json", reason: "not valid JSON" }],
  }, T0 - 1);
  const [bad, good] = views.map(({ fingerprint: _, ...rest }) => rest);
  assert.deepEqual([bad, good], [
    {
      file: "a.json",
      account_id: null,
      email: null,
      plan: null,
      token_expires_at: null,
      usable: false,
      reason: "not valid JSON",
      disabled: false,
      expired: false,
      alias: null,
      priority: 0,
      upstream: null,
      api_key: false,
      in_keyring: false,
    },
    {
      file: "b.json",
      account_id: "acct-b",
      email: "b@example.com",
      plan: "plus",
      token_expires_at: new Date(T0).toISOString(),
      usable: true,
      reason: null,
      disabled: false,
      expired: false,
      alias: "lab",
      priority: -3,
      upstream: null,
      api_key: false,
      in_keyring: false,
    },
  ]);
});

Deno.test("authFileList() says which keys are expired or disabled, and keeps what is known of them", () => {
  const records = [aRecord("a", { expiresAtMs: T0 }), aRecord("b", { isDisabled: true })];
  const [expired, disabled] = authFileList({ records, rejected: [] }, T0);
  assert.deepEqual([expired!.usable, expired!.expired, expired!.disabled], [true, true, false]);
  assert.deepEqual([disabled!.usable, disabled!.expired, disabled!.disabled], [false, false, true]);
  assert.deepEqual([disabled!.reason, disabled!.email], ["disabled", "b@example.com"]);
  assert.match(disabled!.fingerprint!, /^[0-9a-f]{12}$/);
});

Deno.test("authFileList() tells tokens apart and shows none", () => {
  const tokens = ["token-one", "token-two", "token-one"].map((text) => new Secret(text));
  const records = tokens.map((token, index) => aRecord(`k${index}`, { token }));
  const [first, second, again] = authFileList({ records, rejected: [] }, T0);
  assert.equal(first!.fingerprint, again!.fingerprint);
  assert.notEqual(first!.fingerprint, second!.fingerprint);
  assert.match(first!.fingerprint!, /^[0-9a-f]{12}$/);
});
