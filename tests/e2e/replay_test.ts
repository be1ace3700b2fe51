// What the real program writes down, it can replay: its own events have all that the engine asks for.

import assert from "node:assert/strict";
import * as z from "zod/mini";
import { OUTPUTS } from "../../scripts/docs/json_outputs.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { happyEvents, json, sse } from "../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { Home } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const SESSIONS = ["01a20350-83c7-7972-8339", "01a20351-91d0-7a02-8f14", "01a20352-0b11-7c55-9e02"];

/** Four keys, two of which serve. */
async function startUpstream(): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream();
  upstream.reply({}, () => sse(happyEvents("hello")));
  upstream.forToken("dead", json(401, { error: { code: "token_revoked" } }));
  upstream.forToken("full", json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 600 } }));
  return upstream;
}

Deno.test("doctor --replay repeats what the proxy recorded, and shows what other rules would have done", async () => {
  await using upstream = await startUpstream();
  await using home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  });
  for (const name of ["dead", "full", "home", "work"]) await home.addKey(`${name}.json`, name);
  const service = await Service.start(home);
  for (let turn = 0; turn < 12; turn++) {
    const response = await service.ask({ "session-id": SESSIONS[turn % 3]! });
    await response.text();
  }
  assert.equal((await home.run(["stop"])).code, 0);

  const replay = async (...args: readonly string[]) => {
    const log = runtimePaths(home.authDir).eventsFile;
    const { code, stdout, stderr } = await home.run(["doctor", "--replay", log, "--json", ...args]);
    assert.deepEqual([code, stderr], [0, ""]);
    return z.parse(OUTPUTS["doctor --replay"].schema(z), JSON.parse(stdout));
  };
  const { recorded, replayed, lines } = await replay();
  assert.deepEqual(replayed, recorded);
  assert.equal(lines.unreadable, 0);
  const { requests, sessions, key_changes, ejections, cooldowns, outcomes } = recorded;
  assert.deepEqual([requests, sessions, key_changes, ejections, cooldowns], [12, 3, 0, 1, 1]);
  assert.deepEqual(outcomes, { auth_rejected: 1, ok: 12, rate_limited: 1 });
  const { replayed: inTurn } = await replay("--set", "rotation=request");
  assert.ok(inTurn.key_changes > 0);
});
