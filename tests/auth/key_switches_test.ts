import assert from "node:assert/strict";
import { withSwitchesOf } from "../../src/auth/key_switches.ts";
import { codexLogin } from "../support/login.ts";

Deno.test("withSwitchesOf() keeps what the user set for the key, and nothing of its login", () => {
  const before = JSON.stringify({
    alias: "work",
    priority: 5,
    disabled: true,
    upstream: "https://api.example/v1",
    models: { a: "b" },
    email: "old@example.com",
    tokens: { access_token: "old", refresh_token: "rt_old" },
  });
  const after = JSON.parse(withSwitchesOf(before, codexLogin()));
  assert.deepEqual([after.alias, after.priority, after.disabled, after.upstream, after.models], [
    "work",
    5,
    true,
    "https://api.example/v1",
    { a: "b" },
  ]);
  assert.deepEqual([after.email, after.tokens], [undefined, JSON.parse(codexLogin()).tokens]);
  assert.equal(withSwitchesOf("nonsense", codexLogin()), codexLogin());
  assert.equal(withSwitchesOf(codexLogin(), codexLogin({ issue: 2 })), codexLogin({ issue: 2 }));
});

Deno.test("withSwitchesOf() leaves the switches that the new login has", () => {
  const after = '{"priority":1,"access_token":"new"}';
  assert.equal(withSwitchesOf('{"priority":7,"access_token":"old"}', after), after);
});
