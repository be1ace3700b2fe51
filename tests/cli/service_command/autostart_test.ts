import assert from "node:assert/strict";
import { autostartFor } from "../../../src/cli/service_command/autostart.ts";
import { aWish } from "../../support/autostart_wish.ts";

for (const system of ["linux", "darwin", "windows"] as const) {
  Deno.test(`autostartFor() of ${system} has the auth dir in its text`, () => {
    const { text, authDirInText } = autostartFor(aWish(system))!;
    assert.ok(text.includes(authDirInText));
    assert.ok(!autostartFor(aWish(system, { authDir: "/other" }))!.text.includes(authDirInText));
  });
}

Deno.test("autostartFor() of another system is nothing", () => {
  assert.equal(autostartFor(aWish("other")), undefined);
});
