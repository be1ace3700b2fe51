import assert from "node:assert/strict";
import { refuseUnusableKeyring } from "../../../src/cli/auth/keyring_check.ts";
import { FakeKeyring } from "../../support/fake_keyring.ts";

Deno.test("refuseUnusableKeyring() lets a keyring pass that answers, and says why one does not", async () => {
  const keyring = new FakeKeyring();
  await refuseUnusableKeyring(keyring, "Cannot log in");
  keyring.problem = "the keyring is locked";
  await assert.rejects(refuseUnusableKeyring(keyring, "Cannot log in"), {
    name: "UserError",
    message: "Cannot log in: the keyring is locked",
  });
});
