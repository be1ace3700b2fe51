import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_FIRST_WAIT_MS } from "../../src/auth/key_sharing.ts";
import { FIRST_TRY_MS } from "../../src/auth/shared_key.ts";
import { FirstTries, MAX_TOLD_MS } from "../../src/fleet/first_tries.ts";
import { aRecord, OK, REJECTED } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { aFleet } from "../support/fleet_world.ts";

const KEYS = ["a", "b", "c", "d", "e", "f"];
const DEAD = new Set(["a.json", "b.json", "c.json", "d.json"]);
const JOBS = 10;
const REQUESTS = 3;

type World = ReturnType<typeof aFleet>;
type Job = ReturnType<World["join"]>;

/** Sends a request as the proxy does. Resolves with how many attempts were refused, and how long it waited for others. */
async function send(world: World, { pool, clock, judge }: Job, answersMs: () => number) {
  const tried = new Set<string>();
  const request = {
    session: undefined,
    owner: undefined,
    pinned: undefined,
    mainOnly: false,
    model: undefined,
  };
  let [refused, waitedMs] = [0, 0];
  const startMs = clock.nowMs();
  for (;;) {
    const choice = { ...request, tried, unreachable: new Set<string>() };
    const picked = pool.pick(choice, clock.nowMs());
    if (!picked) return { refused, waitedMs, isServed: false };
    const beforeMs = clock.nowMs();
    const others = pool.sharing.beforeFirstTry(picked.key, startMs, beforeMs);
    if (others) {
      await others;
      waitedMs += clock.nowMs() - beforeMs;
      continue;
    }
    const { file } = picked.key;
    pool.lease(picked.key, { ...choice, picked: "turn" }, clock.nowMs());
    await world.clock.sleep(answersMs());
    const isDead = DEAD.has(file);
    judge(file.slice(0, 1), isDead ? REJECTED : OK);
    if (!isDead) return { refused, waitedMs, isServed: true };
    refused++;
    tried.add(file);
  }
}

interface Run {
  /** Up to how long a message is on its way, in each direction. */
  readonly travelMs: number;
  /** Up to how much later than the first the last job starts. */
  readonly spreadMs: number;
  /** Up to how long the upstream takes. */
  readonly answerMs: number;
}

/** Ten jobs. */
async function run({ travelMs, spreadMs, answerMs }: Run, seed: number) {
  let state = seed;
  const share = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const world = aFleet();
  world.engine.travel = () => world.clock.sleep(1 + share() * (travelMs - 1));
  const jobs = Array.from({ length: JOBS }, (_, at) => world.join(`job-${at}-${seed}`, { keys: KEYS }));
  // Each has read everything before its first request.
  await world.pass(1000);
  const ends = jobs.map(async (job) => {
    await world.clock.sleep(share() * spreadMs);
    const sent = [];
    for (let count = 0; count < REQUESTS; count++) {
      sent.push(await send(world, job, () => 1 + share() * answerMs));
    }
    return sent;
  });
  await world.pass(20_000);
  const all = (await Promise.all(ends)).flat();
  jobs.forEach(({ fleet }) => fleet[Symbol.dispose]());
  const sum = all.reduce((total, { refused }) => total + refused, 0);
  return { refused: sum, waitedMs: Math.max(...all.map((one) => one.waitedMs)), all };
}

const RUNS: readonly (Run & { readonly what: string })[] = [
  { what: "at the same moment, near the engine", travelMs: 2, spreadMs: 0, answerMs: 50 },
  { what: "at the same moment, far from it", travelMs: 25, spreadMs: 0, answerMs: 50 },
  { what: "within 50 ms", travelMs: 25, spreadMs: 50, answerMs: 50 },
  { what: "within a second, a slow upstream", travelMs: 25, spreadMs: 1000, answerMs: 250 },
];

/** Usually it is four: each dead key is tried once. */
const MAX_REFUSED = 6;

for (const { what, ...times } of RUNS) {
  Deno.test(`ten jobs ${what} send four dead keys no more than six attempts`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
        const { refused, waitedMs, all } = await run(times, seed);
        assert.equal(all.length, JOBS * REQUESTS);
        assert.ok(all.every(({ isServed }) => isServed));
        assert.ok(refused <= MAX_REFUSED, `${refused} refused`);
        assert.ok(waitedMs <= MAX_FIRST_WAIT_MS + MAX_TOLD_MS, `${waitedMs} ms waited`);
      }),
      { numRuns: 8 },
    );
  });
}

/** Two members, of which the first is about to try `a`, and a look of the second at what it would do. */
async function aFirstTry() {
  const world = aFleet();
  const [one, two] = [world.join("one", { keys: ["a", "b"] }), world.join("two", { keys: ["a", "b"] })];
  await world.pass();
  const before = (member: Job, key: string, sinceMs = member.clock.nowMs()) =>
    member.pool.sharing.beforeFirstTry(aRecord(key), sinceMs, member.clock.nowMs());
  const pick = ({ pool, clock }: Job, tried = new Set<string>()) =>
    pool.pick({ ...ANY, tried, unreachable: new Set() }, clock.nowMs())?.key.file;
  return { ...world, one, two, before, pick };
}

const ANY = { session: undefined, owner: undefined, pinned: undefined, mainOnly: false, model: undefined };

Deno.test("a key that another member tries first is left alone until it has an answer, or for a second", async () => {
  const { one, two, before, pick, pass, clock } = await aFirstTry();
  const isOver: string[] = [];
  void before(one, "a")?.then(() => isOver.push("one"));
  await pass();
  assert.deepEqual(isOver, ["one"], "it was told");
  assert.equal(before(one, "a"), undefined, "it is ours");
  assert.equal(pick(two), "b.json");
  void before(two, "a")?.then(() => isOver.push("two"));
  await pass(50);
  assert.deepEqual(isOver, ["one"]);
  one.pool.sharing.answered({ file: "a.json" });
  await pass();
  assert.deepEqual(isOver, ["one", "two"]);
  assert.equal(pick(two, new Set(["b.json"])), "a.json");
  void before(two, "a");
  await pass();
  assert.ok(before(one, "a"), "now the other one tries it");
  await clock.advance(FIRST_TRY_MS);
  assert.equal(pick(one, new Set(["b.json"])), "a.json", "a hint that has expired counts no more");
});

Deno.test("a request waits for nothing when a key has served, or the engine is away, or it has waited enough", async () => {
  const { one, two, before, pass, engine } = await aFirstTry();
  two.judge("b", OK);
  await pass();
  assert.equal(before(one, "b"), undefined);
  void before(two, "a");
  await pass();
  assert.equal(before(one, "a", one.clock.nowMs() - MAX_FIRST_WAIT_MS), undefined);
  engine.goDown("connection refused");
  assert.equal(before(one, "a"), undefined);
});

Deno.test("a newcomer begins with a key that is known to serve, else in an order of its own", async () => {
  const { one, two, pick, pass } = await aFirstTry();
  assert.equal(pick(two), pick(two));
  one.judge("b", OK);
  await pass();
  assert.equal(pick(two), "b.json");
});

Deno.test("an engine that does not answer is waited for once", async () => {
  const clock = new FakeClock();
  const tries = new FirstTries(clock);
  let isOver = false;
  void tries.untilTold(() => false).then(() => isOver = true);
  await clock.advance(MAX_TOLD_MS - 1);
  assert.deepEqual([isOver, tries.isLate], [false, false]);
  await clock.advance(1);
  assert.deepEqual([isOver, tries.isLate], [true, true]);
  tries.wake();
  assert.equal(tries.isLate, false);
});
