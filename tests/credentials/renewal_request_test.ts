import assert from "node:assert/strict";
import { sendRefreshToken } from "../../src/credentials/renewal_request.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend } from "../support/fake_send.ts";
import { aLogin } from "../support/logins.ts";

function send(way: FakeSend, clock = new FakeClock()) {
  const options = { send: way.send, clock, issuer: "https://issuer.example" };
  const token = { refreshToken: new Secret("rt_1"), clientId: "app", line: aLogin().line };
  return sendRefreshToken(options, token);
}

Deno.test("sendRefreshToken() posts the token once, as JSON, for the program that has it", async () => {
  const way = new FakeSend(answer(400, { error: "invalid_grant" }));
  assert.deepEqual(await send(way), { kind: "dead", code: "invalid_grant" });
  assert.equal(way.requests.length, 1);
  const { url, method, headers, body } = way.requests[0]!;
  assert.deepEqual([url, method], ["https://issuer.example/oauth/token", "POST"]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(body)), {
    client_id: "app",
    grant_type: "refresh_token",
    refresh_token: "rt_1",
  });
});

Deno.test("sendRefreshToken() waits a minute for the answer", async () => {
  const clock = new FakeClock();
  const sent = send(new FakeSend("hang"), clock);
  await clock.advance(60_000);
  assert.deepEqual(await sent, { kind: "unknown", reason: "no answer within 1m" });
});
