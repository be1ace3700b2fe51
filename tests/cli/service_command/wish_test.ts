import assert from "node:assert/strict";
import { proxyCommandLine, proxyVariables } from "../../../src/cli/service_command/wish.ts";
import { aWish } from "../../support/autostart_wish.ts";

Deno.test("proxyCommandLine() runs in the foreground, with the auth dir of the moment", () => {
  const line = proxyCommandLine(aWish("linux", { authDir: "/k" }));
  assert.deepEqual(line, ["/opt/my tools/cdx2", "proxy", "--foreground", "--auth-dir", "/k"]);
});

Deno.test("proxyVariables() names an env file only where it is not in the auth dir", () => {
  assert.deepEqual(proxyVariables(aWish("linux", { variables: { A: "b" } })), { A: "b" });
  assert.deepEqual(proxyVariables(aWish("linux", { envFile: "/e" })), { CLIPROXY_ENV_FILE: "/e" });
});
