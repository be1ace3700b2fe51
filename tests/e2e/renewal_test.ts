// Renewal by hand, as a user and a timer run it: what is sent, what is written, and what is never sent.

import assert from "node:assert/strict";
import { startIssuer } from "../support/issuer.ts";
import { Home } from "../support/program.ts";

async function aHome(issuerUrl: string): Promise<Home> {
  return await Home.make({ CLIPROXY_ISSUER: issuerUrl, CLIPROXY_UPSTREAM: `${issuerUrl}/backend-api` });
}

Deno.test("auth refresh sends the refresh token once, and changes only what is about tokens", async () => {
  await using issuer = await startIssuer();
  await using home = await aHome(issuer.url);
  const family = issuer.mint({ ttlS: 240 });
  const path = `${home.authDir}/work.json`;
  const before = JSON.parse(issuer.authFile(family));
  const text = JSON.stringify({ mine: [1, 2], ...before, alias: "the work one" }, null, 3);
  await Deno.writeTextFile(path, text, { mode: 0o600 });

  const { code, stdout, stderr } = await home.run(["auth", "refresh", "work", "--json"]);
  assert.equal(code, 0, stderr);
  const { keys: [entry] } = JSON.parse(stdout);
  assert.equal(entry.outcome, "renewed");
  const [request, ...others] = issuer.requestsOf("/oauth/token");
  assert.equal(others.length, 0);
  assert.equal(request!.type, "application/json");
  assert.deepEqual(request!.fields, ["client_id", "grant_type", "refresh_token"]);

  const { access_token, refresh_token, id_token } = family.current;
  const after = await Deno.readTextFile(path);
  const { last_refresh } = JSON.parse(after);
  assert.deepEqual(
    after,
    text.replace(before.tokens.access_token, access_token).replace(before.tokens.refresh_token, refresh_token)
      .replace(before.tokens.id_token, id_token).replace(before.last_refresh, last_refresh),
  );
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  assert.deepEqual(
    [...Deno.readDirSync(home.authDir)].map(({ name }) => name).filter((name) => !name.startsWith("rr_")),
    [
      "work.json",
    ],
  );
  for (const token of [access_token, refresh_token, before.tokens.refresh_token]) {
    assert.ok(!(stdout + stderr).includes(token));
  }
});
