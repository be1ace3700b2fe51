import assert from "node:assert/strict";
import { ownerOf } from "../../src/credentials/whoami.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const SAID = { email: "pat@example.com", chatgpt_account_id: "acct-pat", chatgpt_plan_type: "plus" };

function ask(reply: Reply, send = new FakeSend(reply), clock = new FakeClock()) {
  const options = { send: send.send, clock, issuer: "https://issuer.example", timeoutMs: 10_000 };
  return ownerOf(new Secret("at-1"), options);
}

Deno.test("ownerOf() asks the issuer once, with the token", async () => {
  const send = new FakeSend(answer(200, SAID));
  assert.deepEqual(await ask("hang", send), {
    kind: "known",
    accountId: "acct-pat",
    email: "pat@example.com",
  });
  assert.deepEqual([send.requests.length, send.tokens], [1, ["at-1"]]);
  assert.equal(send.requests[0]!.url, "https://issuer.example/api/accounts/v1/user-auth-credential/whoami");
});

for (
  const [name, reply, kind, reason] of [
    ["no e-mail", answer(200, { chatgpt_account_id: "acct" }), "known", undefined],
    ["a refusal", answer(401), "rejected", undefined],
    ["a page", answer(403, "<html>"), "unknown", /status 403/],
    ["nothing in it", answer(200, {}), "unknown", /status 200/],
    [
      "an account that no header can carry",
      answer(200, { chatgpt_account_id: "a\nb" }),
      "unknown",
      /status 200/,
    ],
    ["no network", "not_sent", "unknown", /connection refused/],
  ] satisfies [string, Reply, string, RegExp | undefined][]
) {
  Deno.test(`ownerOf() makes ${kind} of ${name}`, async () => {
    const owner = await ask(reply);
    assert.equal(owner.kind, kind);
    if (owner.kind === "unknown") assert.match(owner.reason, reason!);
  });
}
