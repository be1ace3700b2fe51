// A refresh token may be used up once it was sent. Behind a firewall that drops packets, none was.

import assert from "node:assert/strict";
import { deafListener } from "../../support/deaf_listener.ts";
import { startIssuer } from "../../support/issuer.ts";
import { homeAt } from "../../support/issuer_home.ts";

Deno.test({
  name: "a renewal whose issuer cannot be reached sends nothing, and works when it is back",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using issuer = await startIssuer();
    await using home = await homeAt(issuer);
    const family = issuer.mint({ ttlS: 240, ageS: 36_000 });
    await Deno.writeTextFile(`${home.authDir}/due.json`, issuer.authFile(family), { mode: 0o600 });
    const { port } = new URL(issuer.url);
    using _deaf = await deafListener("127.0.0.9", Number(port));
    const refresh = async (env: Readonly<Record<string, string>> = {}) => {
      const { stdout } = await home.run(["auth", "refresh", "due", "--json"], { env });
      const { keys: [{ outcome, message }] } = JSON.parse(stdout);
      return { outcome, message };
    };
    const failed = await refresh({ CLIPROXY_ISSUER: `http://127.0.0.9:${port}` });
    assert.equal(failed.outcome, "failed");
    assert.match(failed.message, /no connection within 15s/);
    assert.equal((await refresh()).outcome, "renewed");
    assert.deepEqual([family.refreshes, issuer.reuses], [1, 0]);
  },
});
