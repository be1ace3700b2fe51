// The command line around a renewal. What a renewal does is tested with renewKey().

import assert from "node:assert/strict";
import { fingerprint } from "../../../src/auth/fingerprint.ts";
import { ENDING_SIGNALS } from "../../../src/system/process.ts";
import { Secret } from "../../../src/values/secret.ts";
import { T0 } from "../../support/builders.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { accessToken, loginFile } from "../../support/logins.ts";

const HOUR = 3_600_000;

function aWorld(...options: Parameters<typeof loginFile>): CliWorld {
  const world = new CliWorld();
  world.machine.files.put("/keys/work.json", loginFile(...options));
  const issuedAtMs = T0 + 1000;
  world.upstream = new FakeSend(
    answer(200, { access_token: accessToken({ issuedAtMs }), refresh_token: "rt_2" }),
  );
  return world;
}

Deno.test("auth refresh renews the key that is named, and says until when it is good", async () => {
  const world = aWorld();
  const { code, out, err } = await world.run("auth refresh work");
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /^work\.json is renewed; its token expires .*\(in 10h( 1s)?\)\n$/);
  const [request] = world.upstream.requests;
  assert.equal(request!.url, "https://auth.openai.com/oauth/token");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(request!.body)), {
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    grant_type: "refresh_token",
    refresh_token: "rt_1",
  });
});

Deno.test("auth refresh without a name renews what is due, and nothing else", async () => {
  const world = aWorld();
  assert.deepEqual(await world.run("auth refresh"), { code: 0, out: "", err: "no key is due\n" });
  world.machine.files.put("/keys/old.json", loginFile({ session: "s", refreshToken: "rt_9", lifeMs: HOUR }));
  const { err } = await world.run("auth refresh");
  assert.match(err, /^old\.json is renewed/);
  assert.equal(world.upstream.requests.length, 1);
});

Deno.test("auth refresh --json answers with the outcome, and fails when there is something to do", async () => {
  const world = aWorld();
  world.upstream = new FakeSend(answer(400, { error: "invalid_grant" }));
  const { code, out, err } = await world.run("auth refresh work --json");
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(out).keys, [{
    file: "work.json",
    outcome: "dead",
    message: "work.json can no longer be renewed: the issuer refuses its refresh token (invalid_grant)",
    token_expires_at: null,
    next_try_at: null,
    login_needed: true,
  }]);
  assert.match(err, /hint: log in again with "cdx2 auth login --replace work"/);
});

Deno.test("auth refresh with a token that was refused renews once, and finds that out the second time", async () => {
  const world = aWorld();
  const hash = fingerprint(new Secret(accessToken({})));
  assert.match((await world.run(`auth refresh work --refused ${hash}`)).err, /is renewed/);
  const again = await world.run(`auth refresh work --refused ${hash}`);
  assert.match(again.err, /has a new token already/);
  assert.deepEqual([again.code, world.upstream.requests.length], [0, 1]);
});

Deno.test("auth refresh reports a folder that cannot be written as a failure, and sends nothing", async () => {
  const world = aWorld();
  world.machine.files.failAt("/home/ann/.local", "no_space");
  const { code, err } = await world.run("auth refresh work");
  assert.equal(code, 1);
  assert.match(err, /could not be renewed: .*no space left/);
  assert.equal(world.upstream.requests.length, 0);
});

Deno.test("auth refresh lets signals wait until the key is done, then ends as they want", async () => {
  const world = aWorld();
  const renewed = world.upstream.send;
  let handlers = 0;
  Object.assign(world.upstream, {
    send: (...args: Parameters<typeof renewed>) => {
      handlers = world.machine.processes.handlerCount;
      world.machine.processes.receive("SIGTERM");
      return renewed(...args);
    },
  });
  const { code, err } = await world.run("auth refresh work");
  assert.match(err, /is renewed/);
  assert.deepEqual([code, handlers, world.machine.processes.handlerCount], [143, ENDING_SIGNALS.length, 0]);
});
