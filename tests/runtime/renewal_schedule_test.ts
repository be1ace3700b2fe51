// Which key is renewed when, and in which order. The renewals themselves only count here.

import assert from "node:assert/strict";
import type { Renewal } from "../../src/api/renewals.ts";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import { heldLogin } from "../../src/credentials/held_login.ts";
import { readRenewalFacts } from "../../src/credentials/renewal_facts.ts";
import type { RenewalCause } from "../../src/credentials/renewal_plan.ts";
import { renewKey } from "../../src/credentials/renew.ts";
import { type RenewalAsks, type RenewalNews, RenewalSchedule } from "../../src/runtime/renewal_schedule.ts";
import { Secret } from "../../src/values/secret.ts";
import { T0 } from "../support/builders.ts";
import { CODEX_FILE, RenewalWorld } from "../support/renewal_world.ts";
import { loginFile } from "../support/logins.ts";

const HOUR = 3_600_000;
// The login of RenewalWorld is due then, and expires half an hour later.
const DUE = T0 + 8.5 * HOUR;

interface Stage {
  readonly world: RenewalWorld;
  readonly schedule: RenewalSchedule;
  /** Files in the order of their renewals, with the moments in seconds since the start. */
  readonly begun: [file: string, atS: number][];
  readonly news: RenewalNews[];
  /** How often the folder was read. */
  readonly readings: () => number;
  /** A request waits for the renewal of a key. */
  wait(file: string): Promise<void>;
  /** The upstream refuses the present access token of a key. */
  refuse(file: string): Promise<void>;
}

function aStage(
  startMs: number,
  { lastsMs = 500 } = {},
): Stage {
  const world = new RenewalWorld(startMs);
  const deps = world.deps();
  const begun: [string, number][] = [];
  const news: RenewalNews[] = [];
  let readings = 0;
  const schedule = new RenewalSchedule({
    clock: world.clock,
    tellsLogins: false,
    randomShare: () => 0.5,
    marks: deps.marks,
    facts: () => {
      readings++;
      return readRenewalFacts(deps);
    },
    renew: async (file: string, cause: RenewalCause): Promise<Renewal> => {
      begun.push([file, (world.clock.nowMs() - startMs) / 1000]);
      await world.clock.sleep(lastsMs);
      const { kind } = await renewKey(deps, file, cause);
      return {
        file,
        outcome: kind,
        message: "",
        token_expires_at: null,
        next_try_at: null,
        login_needed: false,
      };
    },
  });
  const asks = Promise.withResolvers<RenewalAsks>();
  schedule.serve({
    tell: (told) => news.push(told),
    onRenewalAsked: asks.resolve,
  });
  const refuse = async (file: string) =>
    (await asks.promise).refused(file, fingerprint(new Secret(world.login(`/keys/${file}`).access)));
  const wait = async (file: string) => (await asks.promise).awaited(file);
  return { world, schedule, begun, news, readings: () => readings, refuse, wait };
}

Deno.test("RenewalSchedule renews a key when it is due, and looks every half minute", async () => {
  const { world, begun, news } = aStage(T0 + 7.9 * HOUR);
  await world.clock.advance(3 * 60_000);
  assert.deepEqual([begun, world.sent], [[], []]);
  await world.clock.advance(HOUR);
  assert.deepEqual(world.sent, ["rt_1"]);
  assert.ok(news.some((told) => told.kind === "renewal_ended" && told.renewal?.outcome === "renewed"));
});

Deno.test("RenewalSchedule reads the folder at most twice for many keys that are refused at once", async () => {
  const { world, news, readings, refuse } = aStage(T0);
  const files = Array.from({ length: 40 }, (_, number) => `k${number}.json`);
  for (const file of files) world.put({ refreshToken: undefined, session: file }, `/keys/${file}`);
  await world.clock.advance(0);
  const before = readings();
  await Promise.all(files.map(refuse));
  await world.clock.advance(1000);
  assert.ok(readings() - before <= 2, String(readings() - before));
  assert.equal(news.filter(({ kind }) => kind === "renewal_ended").length, 40);
});

Deno.test("RenewalSchedule renews once after a long sleep of the machine", async () => {
  const { world } = aStage(T0);
  world.lifeMs = 100 * HOUR;
  await world.clock.advance(30 * HOUR);
  assert.equal(world.sent.length, 1);
});

Deno.test("RenewalSchedule keeps a token of two minutes alive with at most one request a minute", async () => {
  const { world, begun } = aStage(T0, { lastsMs: 200 });
  world.lifeMs = 120_000;
  world.put({ issuedAtMs: T0 - 60_000, lifeMs: 120_000 });
  for (let second = 0; second < 600; second++) {
    await world.clock.advance(1000);
    const endsAtMs = heldLogin(world.files.text("/keys/work.json")!)!.expiresAtMs!;
    assert.ok(endsAtMs > world.clock.nowMs() - 1000, `second ${second}`);
  }
  const gapsS = begun.slice(1).map(([, atS], index) => atS - begun[index]![1]);
  assert.ok(begun.length >= 5 && begun.length <= 10, String(begun.length));
  assert.ok(Math.min(...gapsS) >= 60, String(Math.min(...gapsS)));
});

Deno.test("RenewalSchedule renews one key after the other, with a pause, the earliest end first", async () => {
  const world = new RenewalWorld(DUE);
  const stage = aStage(DUE);
  await stage.world.clock.advance(100);
  for (let number = 0; number < 40; number++) {
    const options = {
      refreshToken: `rt_${number}x`,
      session: `s${number}`,
      lifeMs: (9.9 - number / 100) * HOUR,
    };
    stage.world.put(options, `/keys/k${number}.json`);
  }
  await stage.world.clock.advance(160_000);
  const files = stage.begun.map(([file]) => file);
  assert.equal(new Set(files).size, 41);
  assert.deepEqual(files.slice(1, 4), ["k39.json", "k38.json", "k37.json"]);
  const gaps = stage.begun.slice(1).map(([, atS], index) => atS - stage.begun[index]![1]);
  assert.ok(Math.min(...gaps) >= 2.5, `${Math.min(...gaps)} s`);
  assert.equal(world.reuses, 0);
});

Deno.test("RenewalSchedule renews a refused token before those that are only due", async () => {
  const { world, begun, refuse } = aStage(DUE);
  await world.clock.advance(100);
  for (const name of ["a", "b", "c"]) {
    world.put({ refreshToken: `rt_${name}`, session: name }, `/keys/${name}.json`);
  }
  await world.clock.advance(30_100);
  await refuse("c.json");
  await world.clock.advance(20_000);
  assert.deepEqual(begun.map(([file]) => file), ["work.json", "a.json", "c.json", "b.json"]);
});

Deno.test("RenewalSchedule renews a key that a request waits for before those that are only due", async () => {
  for (const isEarly of [true, false]) {
    const { world, begun, wait } = aStage(DUE);
    await world.clock.advance(100);
    for (const name of ["a", "b", "c"]) {
      world.put({ refreshToken: `rt_${name}`, session: name }, `/keys/${name}.json`);
    }
    if (isEarly) await wait("c.json");
    await world.clock.advance(30_100);
    if (!isEarly) await wait("c.json");
    await world.clock.advance(20_000);
    const first = isEarly ? ["c.json", "a.json"] : ["a.json", "c.json"];
    assert.deepEqual(begun.map(([file]) => file), ["work.json", ...first, "b.json"]);
  }
});

Deno.test("RenewalSchedule answers at once for a token that was replaced or cannot be renewed", async () => {
  const { world, begun, news, refuse } = aStage(T0);
  world.put({ refreshToken: undefined, session: "bare" }, "/keys/bare.json");
  await world.clock.advance(100);
  await refuse("bare.json");
  await world.clock.advance(1);
  assert.deepEqual(news.at(-1), { kind: "renewal_ended", file: "bare.json", renewal: undefined });
  await refuse("work.json");
  await refuse("work.json");
  await world.clock.advance(5000);
  assert.deepEqual(begun.map(([file]) => file), ["work.json"]);
});

Deno.test("RenewalSchedule waits ten seconds for a renewal under way when it is closed", async () => {
  for (const [lastsMs, waitedMs] of [[3000, 3000], [60_000, 10_000]] as const) {
    const { world, schedule } = aStage(DUE, { lastsMs });
    await world.clock.advance(100);
    let closedMs: number | undefined;
    const startMs = world.clock.nowMs();
    const closing = schedule.close().then(() => closedMs = world.clock.nowMs() - startMs);
    await world.clock.advance(20_000);
    await closing;
    assert.ok(closedMs! <= waitedMs + 2000 && closedMs! >= waitedMs - 100, `${closedMs} ms`);
  }
});

Deno.test("RenewalSchedule remembers a login of Codex, before anything is due", async () => {
  const { world } = aStage(T0);
  world.files.put(CODEX_FILE, loginFile({ refreshToken: "rt_codex" }));
  await world.clock.advance(40_000);
  world.files.delete(CODEX_FILE);
  assert.deepEqual(await world.states, ["codex"]);
});
