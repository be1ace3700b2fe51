import assert from "node:assert/strict";
import { aLaptop, CLIENT_KEY } from "../../support/gateway.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

/** `[shell, the line for OPENAI_API_KEY]` */
const SHELLS: readonly [string, string][] = [
  ["sh", 'export OPENAI_API_KEY="$CLIPROXY_CLIENT_KEY"'],
  ["fish", 'set -gx OPENAI_API_KEY "$CLIPROXY_CLIENT_KEY";'],
  ["powershell", "$env:OPENAI_API_KEY = $env:CLIPROXY_CLIENT_KEY"],
];
for (const [shell, line] of SHELLS) {
  Deno.test(`proxy --print-env-only names the client key to ${shell} and does not repeat it`, async () => {
    const { code, out, err } = await aLaptop().run(`proxy --print-env-only --shell ${shell}`);
    assert.equal(code, 0);
    assert.ok(out.split("\n").includes(line), out);
    assert.ok(!(out + err).includes(CLIENT_KEY));
  });
}

Deno.test("a client key in .env is printed, since the shell does not have it", async () => {
  const world = aLaptop({ CLIPROXY_CLIENT_KEY: "" });
  world.machine.files.put(`${AUTH_DIR}/.env`, `CLIPROXY_CLIENT_KEY=${CLIENT_KEY}\n`);
  const { out } = await world.run("proxy --print-env-only --shell sh");
  assert.match(out, new RegExp(`^export CLIPROXY_CLIENT_KEY='?${CLIENT_KEY}'?$`, "m"));
});
