import assert from "node:assert/strict";
import { homesText, memberText, sharedText } from "../../src/cli/shared_text.ts";
import { aShared } from "../support/shared.ts";

Deno.test("sharedText() says how a shared pool is doing in one line", () => {
  assert.match(sharedText(aShared()), /^rediss:\/\/build:6379 up, 2 members, a change takes /);
  assert.equal(sharedText(aShared({ lag_ms: null, members: [] })), "rediss://build:6379 up, 0 members");
  assert.equal(sharedText(aShared({ state: "connecting" })), "rediss://build:6379 connecting");
});

Deno.test("sharedText() says why a pool is degraded, and that nothing stops", () => {
  const degraded = aShared({ state: "degraded", reason: "no answer within 1s" });
  assert.match(
    sharedText(degraded),
    /degraded since 2027.* \(no answer within 1s\): this proxy acts alone$/,
  );
  assert.match(sharedText({ ...degraded, pending: 12 }), /acts alone, 12 changes to tell$/);
});

const LOGIN = {
  file: "a.json",
  home: "build-1",
  here: false,
  there: true,
  seen_at: null,
  token_expires_at: null,
};

Deno.test("homesText() says who renews how many logins", () => {
  const logins = [
    LOGIN,
    { ...LOGIN, file: "b.json", here: true, home: "laptop" },
    { ...LOGIN, file: "c.json", home: "build-2", there: false },
    { ...LOGIN, file: "d.json", home: null, there: false },
  ];
  const shared = aShared({ logins });
  assert.equal(homesText(shared), "4 logins renewed: 1 here, 1 by build-1, 1 by build-2 (off) and 1 more");
  assert.equal(homesText(aShared({ logins: [logins[3]!] })), "1 login renewed: 1 by nobody");
  assert.equal(homesText(aShared()), null);
});

Deno.test("memberText() shows what could move the cursor as text, and cuts what is too long", () => {
  assert.equal(memberText("a\x1b[2Jb"), "a\\u{1b}[2Jb");
  assert.equal([...memberText("x".repeat(100))].length, 40);
});
