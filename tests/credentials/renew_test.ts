// What is sent and what is kept, whatever goes wrong in between. Every story counts the refresh tokens that arrived.

import assert from "node:assert/strict";
import { Secret } from "../../src/values/secret.ts";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import { renewKey } from "../../src/credentials/renew.ts";
import { FileError } from "../../src/system/files.ts";
import { T0 } from "../support/builders.ts";
import { accessToken, loginFile } from "../support/logins.ts";
import { CODEX_FILE, RenewalWorld, STATE } from "../support/renewal_world.ts";

const authFiles = (names: readonly string[]) => names.filter((name) => !name.startsWith("rr_proxy_v2."));
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("renewKey() notes that the token is sent before it sends it, and that it is used up after", async () => {
  const world = new RenewalWorld();
  const before = world.files.text("/keys/work.json")!;
  let during: readonly string[] = [];
  const states: Promise<void>[] = [];
  world.during = () => states.push(world.states.then((found) => void (during = found)));
  const old = world.login();
  assert.equal((await world.renew()).kind, "renewed");
  await Promise.all(states);
  assert.deepEqual(during, ["sent"]);
  assert.deepEqual(await world.states, ["fresh", "spent"]);
  const now = world.login();
  assert.deepEqual([now.refresh, world.sent], ["rt_new_1", ["rt_1"]]);
  const last = JSON.parse(world.files.text("/keys/work.json")!).last_refresh;
  assert.equal(
    world.files.text("/keys/work.json"),
    before.replace(old.access, now.access).replace("rt_1", "rt_new_1").replace("2026-01-01T00:00:00Z", last),
  );
  assert.deepEqual(authFiles(await world.files.list("/keys")), ["work.json"]);
  for (const name of await world.files.list(STATE)) {
    assert.doesNotMatch(world.files.text(`${STATE}/${name}`)!, /rt_|eyJ/);
  }
});

Deno.test("renewKey() called many times at once sends one request; the others find the new token", async () => {
  const world = new RenewalWorld();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.renew()));
  assert.deepEqual(world.sent, ["rt_1"]);
  assert.equal(outcomes.filter(({ kind }) => kind === "renewed").length, 1);
  assert.equal(outcomes.filter(({ kind }) => kind === "adopted").length, 19);
});

Deno.test("renewKey() of copies in two folders sends one request; the other copy takes its tokens over", async () => {
  const world = new RenewalWorld();
  world.put({}, "/copy/other.json");
  await Promise.all([world.renew(), world.renew("asked", "other.json", "/copy")]);
  assert.deepEqual([world.sent, world.reuses], [["rt_1"], 0]);
  assert.equal((await world.renew("due", "other.json", "/copy")).kind, "not_due");
  assert.deepEqual(world.login("/copy/other.json"), world.login());
});

for (const fault of ["crash", "lost"] as const) {
  const what = { crash: "the program is killed", lost: "the answer is lost" }[fault];
  Deno.test(`renewKey() once ${what}: not sent again while the token works, then once`, async () => {
    const world = new RenewalWorld(T0 + 8.5 * HOUR);
    world.faults = [fault];
    await world.renew().catch(() => {});
    for (const cause of ["asked", "due", "due"] as const) {
      assert.equal((await world.renew(cause)).kind, "unknown");
    }
    assert.equal(world.sent.length, 1);
    await world.clock.advance(HOUR);
    const last = await world.renew("due");
    assert.deepEqual([world.sent.length, last.kind], [2, fault === "crash" ? "renewed" : "dead"]);
    await world.clock.advance(24 * HOUR);
    const later = await world.renew("due");
    assert.equal(later.kind, fault === "crash" ? "renewed" : "not_ours");
  });
}

Deno.test("renewKey() gives up after the last try, also when that gets no answer", async () => {
  for (const fault of ["crash", "lost"] as const) {
    const world = new RenewalWorld();
    world.faults = ["lost", fault];
    await world.renew();
    await world.clock.advance(9 * HOUR);
    await world.renew("due").catch(() => {});
    await world.clock.advance(9 * HOUR);
    const outcome = await world.renew();
    assert.ok(outcome.kind === "not_ours" && outcome.needsLogin, outcome.kind);
    assert.equal(world.sent.length, 2);
  }
});

const json = (status: number, body: unknown) => () => Response.json(body, { status });

function brokenOff(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"access_token":'));
      controller.error(new Error("connection reset"));
    },
  });
}

/** `[what, answer, outcome, requests in the ten minutes after]` */
const FAULTS: readonly [string, (() => Response) | "not_sent", string, number][] = [
  ["500", json(500, {}), "failed", 3],
  ["an HTML page", () => new Response("<html>", { status: 403 }), "failed", 3],
  [
    "429 with a time",
    () => new Response("", { status: 429, headers: { "retry-after": "900" } }),
    "failed",
    1,
  ],
  ["no connection", "not_sent", "failed", 3],
  ["200 without tokens", json(200, {}), "failed", 3],
  ["200 with other text", () => new Response("not json"), "failed", 3],
  [
    "tokens of another account",
    json(200, { access_token: accessToken({ account: "acct-2" }) }),
    "unknown",
    1,
  ],
  ["an answer of which half came", () => new Response(brokenOff()), "unknown", 1],
  [
    "a refusal that a restart has to remember",
    json(401, { error: { code: "refresh_token_reused" } }),
    "dead",
    1,
  ],
  ["a login that has expired", json(401, { error: { code: "refresh_token_expired" } }), "dead", 1],
  ["a refusal", json(401, { error: { code: "refresh_token_invalidated" } }), "dead", 1],
  ["invalid_grant", json(400, { error: "invalid_grant" }), "dead", 1],
];

for (const [what, answer, outcome, count] of FAULTS) {
  Deno.test(`renewKey() after ${what}: ${outcome}, ${count} requests in ten minutes, the file stays`, async () => {
    const world = new RenewalWorld(T0 + 8.5 * HOUR);
    const before = world.files.text("/keys/work.json");
    world.faults = Array(50).fill(answer);
    assert.equal((await world.renew("due")).kind, outcome);
    for (let tick = 0; tick < 20; tick++) {
      await world.clock.advance(30_000);
      await world.renew("due");
    }
    assert.equal(world.sent.length, count);
    assert.equal(world.files.text("/keys/work.json"), before);
  });
}

Deno.test("renewKey() keeps the tokens that an answer does not replace", async () => {
  const world = new RenewalWorld(T0 + 8.5 * HOUR);
  const before = JSON.parse(world.files.text("/keys/work.json")!).tokens;
  const access_token = accessToken({ issuedAtMs: world.clock.nowMs() });
  world.faults = [json(200, { access_token })];
  assert.equal((await world.renew("due")).kind, "renewed");
  const { tokens } = JSON.parse(world.files.text("/keys/work.json")!);
  assert.deepEqual(tokens, { ...before, access_token });
  assert.equal((await world.renew("due")).kind, "not_due");
  // The refresh token is not used up.
  assert.equal((await world.renew()).kind, "renewed");
  assert.deepEqual(world.sent, ["rt_1", "rt_1"]);
});

Deno.test("renewKey() renews a key again whose dead login was replaced", async () => {
  const world = new RenewalWorld(T0 + 8.5 * HOUR);
  world.faults = [json(401, { error: { code: "refresh_token_expired" } })];
  assert.equal((await world.renew("due")).kind, "dead");
  world.put({ refreshToken: "rt_2", session: "session-2" });
  assert.equal((await world.renew("due")).kind, "renewed");
  world.put({});
  const restored = await world.renew("due");
  assert.ok(restored.kind === "not_ours" && restored.needsLogin);
  assert.deepEqual(world.sent, ["rt_1", "rt_2"]);
});

Deno.test("renewKey() never sends a token that was used, when an old file is restored", async () => {
  const world = new RenewalWorld();
  const backup = world.files.text("/keys/work.json")!;
  await world.renew();
  world.files.put("/keys/work.json", backup);
  await world.clock.advance(80 * 24 * HOUR);
  await world.deps().marks.prune(world.clock.nowMs());
  assert.equal((await world.renew()).kind, "not_ours");
  assert.deepEqual(world.sent, ["rt_1"]);
});

Deno.test("renewKey() sends nothing when the new tokens could not be written, or not be noted", async () => {
  for (const place of ["/keys", STATE]) {
    for (const code of ["no_space", "denied"] as const) {
      const world = new RenewalWorld();
      world.files.failAt(place, code);
      await assert.rejects(world.renew(), FileError, `${place} ${code}`);
      assert.deepEqual(world.sent, [], `${place} ${code}`);
    }
  }
});

Deno.test("renewKey() sends short-lived tokens at most once a minute", async () => {
  const world = new RenewalWorld();
  world.lifeMs = 2 * MINUTE;
  world.put({ issuedAtMs: T0 - MINUTE, lifeMs: 2 * MINUTE });
  for (let tick = 0; tick < 20; tick++) {
    await world.renew("due");
    await world.clock.advance(30_000);
  }
  assert.ok(world.sent.length >= 5 && world.sent.length <= 10, String(world.sent.length));
});

for (const skewMinutes of [-10, 10]) {
  Deno.test(`renewKey() is not confused by an issuer whose clock is ${skewMinutes} minutes ahead`, async () => {
    const world = new RenewalWorld();
    world.faults = Array.from({ length: 50 }, (_, index) => () =>
      Response.json({
        access_token: accessToken({ issuedAtMs: world.clock.nowMs() + skewMinutes * MINUTE, lifeMs: HOUR }),
        refresh_token: `rt_skew_${index}`,
      }));
    await world.renew();
    for (let tick = 0; tick < 120; tick++) {
      await world.clock.advance(MINUTE);
      await world.renew("due");
    }
    // Due 5 to 6 minutes before the end of each hour.
    assert.equal(world.sent.length, 3);
  });
}

Deno.test("renewKey() after a 401 renews once for each access token, and twice a minute at most", async () => {
  const world = new RenewalWorld();
  const refused = () =>
    renewKey(world.deps(), "work.json", {
      kind: "refused",
      accessHash: fingerprint(new Secret(world.login().access)),
    });
  const first = { kind: "refused", accessHash: fingerprint(new Secret(world.login().access)) } as const;
  assert.equal((await renewKey(world.deps(), "work.json", first)).kind, "renewed");
  assert.equal((await renewKey(world.deps(), "work.json", first)).kind, "adopted");
  await world.clock.advance(5000);
  assert.equal((await refused()).kind, "renewed");
  await world.clock.advance(5000);
  assert.equal((await refused()).kind, "not_due");
  assert.equal(world.sent.length, 2);
});

Deno.test("renewKey() takes over Codex's new access token, never its refresh token", async () => {
  const world = new RenewalWorld();
  world.files.put(CODEX_FILE, loginFile({ refreshToken: "rt_codex", issuedAtMs: T0 }));
  const outcome = await world.renew("due");
  assert.ok(outcome.kind === "adopted" && outcome.from === "codex");
  assert.deepEqual(world.login(), { access: world.login(CODEX_FILE).access, refresh: "rt_1" });
  assert.equal((await world.renew()).kind, "not_ours");
  // Codex logs out: the copy stays one that Codex has used.
  world.files.delete(CODEX_FILE);
  assert.equal((await world.renew()).kind, "not_ours");
  assert.deepEqual(world.sent, []);
});

Deno.test("renewKey() finds Codex's login in the keyring", async () => {
  const world = new RenewalWorld();
  await world.files.makeFolder("/home/ann/.codex");
  world.outputs.set(
    "secret-tool lookup service Codex Auth username cli|0fabc1fdf822efce",
    loginFile({ refreshToken: "rt_codex", issuedAtMs: T0 }),
  );
  const outcome = await world.renew("due");
  assert.ok(outcome.kind === "adopted" && outcome.from === "codex", JSON.stringify(outcome));
});

Deno.test("renewKey() leaves a file with two names alone", async () => {
  const world = new RenewalWorld();
  world.files.hardLink("/keys/work.json", "/home/ann/second-name.json");
  const outcome = await world.renew();
  assert.ok(outcome.kind === "not_ours" && /hard-linked/.test(outcome.reason));
  assert.deepEqual(world.sent, []);
});
