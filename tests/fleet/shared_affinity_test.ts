import assert from "node:assert/strict";
import fc from "fast-check";
import { Affinity } from "../../src/auth/affinity.ts";
import type { AskingRequest } from "../../src/auth/affinity_sharer.ts";
import { Seal } from "../../src/fleet/seal.ts";
import { MAX_ASK_MS, MAX_UNTOLD, questionOf, SharedAffinity } from "../../src/fleet/shared_affinity.ts";
import type { NoteStore } from "../../src/fleet/shared_store.ts";
import { Secret } from "../../src/values/secret.ts";
import { aRecord, SECOND, T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeEngine } from "../support/fake_store.ts";
import { jwt } from "../support/jwt.ts";

const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const KEYS = ["a", "b", "c"].map((key) => aRecord(key));

function aRequest(over: Partial<AskingRequest> = {}): AskingRequest {
  return { pinned: undefined, session: undefined, stateIds: [], ...over };
}

/** A member with these keys. */
function aMember(
  clock: FakeClock,
  store: NoteStore,
  { records = KEYS, secret = "a-pool-secret-of-more-than-32-characters" } = {},
) {
  const affinity = new Affinity();
  const state = { isUp: true };
  const seal = new Seal(new Secret(secret), "team");
  const shared = new SharedAffinity({ store, isUp: () => state.isUp, seal, affinity, clock });
  affinity.shareWith(shared);
  shared.listed(records);
  const serve = (session: string, file: string) => {
    affinity.begin(session, file, clock.nowMs());
    affinity.settle(session, file, true, clock.nowMs());
  };
  const knows = (id: string, file: string) => affinity.remember([id], file, clock.nowMs());
  /** How long a request waits, in milliseconds. */
  const ask = async (over: Partial<AskingRequest>) => {
    const startMs = clock.elapsedMs();
    let endMs = NaN;
    void (affinity.ask(aRequest(over)) ?? Promise.resolve()).then(() => endMs = clock.elapsedMs());
    for (let waits = 0; Number.isNaN(endMs) && waits < 1000; waits++) await clock.advance(1);
    return endMs - startMs;
  };
  const keyOf = (session: string) => affinity.keyOf(session, clock.nowMs());
  const ownerOf = (id: string) => affinity.ownerOf(id, clock.nowMs());
  return { affinity, shared, state, serve, knows, ask, keyOf, ownerOf };
}

function aPair() {
  const clock = new FakeClock(T0);
  const engine = new FakeEngine();
  return { clock, engine, one: aMember(clock, engine.store()), two: aMember(clock, engine.store()) };
}

/** Here, the session `s` is on a key and the id `i` has an owner. */
const QUESTIONS: readonly [string, Partial<AskingRequest>, readonly string[]][] = [
  ["that belongs nowhere asks nothing", {}, []],
  ["of a session that is known asks nothing", { session: "s" }, []],
  ["of a new session asks for it", { session: "new" }, ["session new"]],
  ["with an id that is known asks nothing", { stateIds: ["i"] }, []],
  ["with an id that is known asks nothing, whatever its session", { stateIds: ["i"], session: "new" }, []],
  ["with an id that is known beside others asks nothing", { stateIds: ["x", "i"] }, []],
  ["with unknown ids asks for all of them", { stateIds: ["x", "y"] }, ["id x", "id y"]],
  ["with an unknown id of a known session asks for the id", { stateIds: ["x"], session: "s" }, ["id x"]],
  ["with all unknown asks for all", { stateIds: ["x"], session: "new" }, ["id x", "session new"]],
  ["for one key asks nothing", { pinned: "a", stateIds: ["x"], session: "new" }, []],
  ["with an id that is called as the session is", { stateIds: ["s"] }, ["id s"]],
];

for (const [what, request, expected] of QUESTIONS) {
  Deno.test(`questionOf(): a request ${what}`, () => {
    const affinity = new Affinity();
    affinity.adopt({ kind: "session", hash: "s" }, "a.json", T0);
    affinity.adopt({ kind: "id", hash: "i" }, "a.json", T0);
    const question = questionOf(affinity, aRequest(request), T0);
    assert.deepEqual(question.map(({ kind, hash }) => `${kind} ${hash}`), expected);
  });
}

Deno.test("a session that is being tried with its first key is known", () => {
  const affinity = new Affinity();
  affinity.begin("s", "a.json", T0);
  assert.deepEqual(questionOf(affinity, aRequest({ session: "s" }), T0), []);
});

Deno.test("another member finds the key of a session and of an id", async () => {
  const { clock, one, two } = aPair();
  one.serve("s", "b.json");
  one.knows("i", "c.json");
  await clock.advance(20);
  assert.equal(two.keyOf("s"), undefined, "it is told to who asks");
  assert.ok(await two.ask({ session: "s", stateIds: ["i"] }) <= 1);
  assert.deepEqual([two.keyOf("s"), two.ownerOf("i")], ["b.json", "c.json"]);
});

Deno.test("a session that moves is found on its new key, and what a member knows stays", async () => {
  const { clock, engine, one, two } = aPair();
  one.serve("s", "a.json");
  await clock.advance(20);
  await two.ask({ session: "s" });
  one.serve("s", "b.json");
  await clock.advance(20);
  await two.ask({ session: "s" });
  assert.equal(two.keyOf("s"), "a.json");
  const three = aMember(clock, engine.store());
  await three.ask({ session: "s" });
  assert.equal(three.keyOf("s"), "b.json");
});

Deno.test("nobody without the secret learns anything, and no note says what it is about", async () => {
  const { clock, engine, one } = aPair();
  const other = aMember(clock, engine.store(), { secret: "another-secret-of-more-than-32-characters" });
  one.serve("session-hash", "a.json");
  one.knows("id-hash", "a.json");
  await clock.advance(20);
  await other.ask({ session: "session-hash", stateIds: ["id-hash"] });
  assert.equal(other.keyOf("session-hash"), undefined);
  const wire = JSON.stringify([...engine.notes]);
  assert.equal(engine.notes.size, 2);
  for (const hidden of ["session", "id-hash", "a.json", KEYS[0]!.token.reveal()]) {
    assert.ok(!wire.includes(hidden), hidden);
  }
});

Deno.test("a note cannot be put in the place of another", async () => {
  const { clock, engine, one, two } = aPair();
  one.serve("s", "a.json");
  one.serve("t", "b.json");
  await clock.advance(20);
  const [first, second] = [...engine.notes.values()];
  engine.notes.set(first!.name, { ...second!, name: first!.name });
  await two.ask({ session: "s" });
  assert.equal(two.keyOf("s"), undefined);
});

Deno.test("a member without the key, or with a disabled one, goes on as without", async () => {
  const { clock, engine, one } = aPair();
  one.serve("s", "a.json");
  await clock.advance(20);
  for (const records of [KEYS.slice(1), [{ ...KEYS[0]!, isDisabled: true }, KEYS[1]!]]) {
    const two = aMember(clock, engine.store(), { records });
    await two.ask({ session: "s" });
    assert.equal(two.keyOf("s"), undefined);
  }
});

Deno.test("a renewed token, another login of the user and another file are of the same account", async () => {
  const clock = new FakeClock(T0);
  const engine = new FakeEngine();
  const login = (session: string, iat: number) => {
    const account = { chatgpt_account_id: "acct", chatgpt_user_id: "user" };
    const token = jwt({ "https://api.openai.com/auth": account, session_id: session, iat });
    return { token: new Secret(token), accountId: "acct" };
  };
  const one = aMember(clock, engine.store(), { records: [{ ...KEYS[0]!, ...login("s1", 1) }] });
  one.knows("i", "a.json");
  await clock.advance(20);
  const two = aMember(clock, engine.store(), { records: [{ ...KEYS[1]!, ...login("s2", 2) }] });
  await two.ask({ stateIds: ["i"] });
  assert.equal(two.ownerOf("i"), "b.json");
});

Deno.test("a note is kept as long as the member would know it, from the use on", async () => {
  const { clock, engine, one } = aPair();
  one.serve("s", "a.json");
  await clock.advance(10);
  const [note] = engine.notes.values();
  assert.equal(note!.keepMs, HOUR - 10);
  engine.notes.clear();
  one.knows("i", "a.json");
  await clock.advance(10);
  assert.equal([...engine.notes.values()][0]!.keepMs, 30 * DAY - 10);
});

Deno.test("uses are told again after ten minutes, and at once with another key", async () => {
  const { clock, engine, one } = aPair();
  const isToldAgain = async (file: string) => {
    engine.notes.clear();
    one.serve("s", file);
    await clock.advance(20);
    return engine.notes.size === 1;
  };
  assert.ok(await isToldAgain("a.json"));
  assert.ok(!await isToldAgain("a.json"));
  assert.ok(await isToldAgain("b.json"));
  await clock.advance(600 * SECOND);
  assert.ok(await isToldAgain("b.json"));
});

Deno.test("without the store nothing is asked; what was learned is told later, the youngest of it", async () => {
  const { clock, engine, one, two } = aPair();
  one.state.isUp = false;
  assert.equal(one.affinity.ask(aRequest({ session: "s" })), undefined);
  for (let count = 0; count < MAX_UNTOLD + 10; count++) one.serve(`s${count}`, "a.json");
  await clock.advance(SECOND);
  assert.deepEqual([one.shared.pending, engine.notes.size], [MAX_UNTOLD, 0]);
  one.state.isUp = true;
  one.shared.synced();
  await clock.advance(SECOND);
  assert.deepEqual([one.shared.pending, engine.notes.size], [0, MAX_UNTOLD]);
  await two.ask({ session: "s0" });
  await two.ask({ session: `s${MAX_UNTOLD}` });
  assert.deepEqual([two.keyOf("s0"), two.keyOf(`s${MAX_UNTOLD}`)], [undefined, "a.json"]);
});

Deno.test("a batch that fails is told again; what has expired meanwhile is not", async () => {
  const { clock, engine, one } = aPair();
  engine.reason = "its memory is full";
  one.serve("s", "a.json");
  one.knows("i", "a.json");
  await clock.advance(HOUR);
  assert.deepEqual([one.shared.pending, engine.notes.size], [2, 0]);
  engine.reason = undefined;
  one.shared.synced();
  await clock.advance(SECOND);
  assert.deepEqual([one.shared.pending, engine.notes.size], [0, 1]);
});

Deno.test("one late answer is enough: until it comes, no other request waits", async () => {
  const clock = new FakeClock(T0);
  const answer = Promise.withResolvers<readonly undefined[]>();
  let questions = 0;
  const find = () => {
    questions++;
    return answer.promise;
  };
  const { ask } = aMember(clock, { keep: () => Promise.resolve(), find });
  const waits = [await ask({ session: "s" }), await ask({ session: "s" }), await ask({ session: "t" })];
  assert.ok(waits[0]! >= MAX_ASK_MS && waits[0]! <= MAX_ASK_MS + 1 && waits[1]! <= 1 && waits[2]! <= 1);
  assert.equal(questions, 1);
  answer.resolve([undefined]);
  await clock.advance(1);
  await ask({ session: "t" });
  assert.equal(questions, 2);
});

Deno.test("late, lost, doubled and wrong answers hold nothing up and change nothing that is known", async () => {
  const step = fc.record({
    thing: fc.constantFrom("s", "t", "u"),
    own: fc.constantFrom("a.json", "b.json", "c.json"),
    isServed: fc.boolean(),
    answerAfterMs: fc.constantFrom(0, 1, 29, 30, 31, 200, Infinity),
    isDoubled: fc.boolean(),
    answer: fc.constantFrom("found", "nothing", "failed", "nonsense"),
    passMs: fc.constantFrom(0, 1, 50, 500),
  }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const clock = new FakeClock(T0);
      const engine = new FakeEngine();
      const told = aMember(clock, engine.store());
      for (const thing of ["s", "t", "u"]) {
        told.serve(thing, "a.json");
        told.knows(thing, "b.json");
      }
      await clock.advance(20);
      let now: typeof steps[number] | undefined;
      const find = async (names: readonly string[]) => {
        const { answer, answerAfterMs, isDoubled } = now!;
        if (answerAfterMs === Infinity) await new Promise(() => {});
        if (answerAfterMs > 0) await clock.sleep(answerAfterMs);
        if (answer === "failed") throw new Error("it is gone");
        const texts = names.map((name) =>
          answer === "found" ? engine.notes.get(name)?.text : answer === "nothing" ? undefined : "bm9uZQ=="
        );
        return isDoubled ? [...texts, ...texts] : texts;
      };
      const member = aMember(clock, { keep: () => Promise.resolve(), find });
      const known = new Map<string, string>();
      for (now of steps) {
        const { thing, own, isServed, passMs } = now;
        assert.ok(await member.ask({ session: thing, stateIds: [thing] }) <= MAX_ASK_MS + 1);
        if (isServed) {
          member.serve(thing, own);
          member.knows(thing, own);
          known.set(thing, own);
        }
        await clock.advance(passMs);
        for (const [name, file] of known) {
          assert.deepEqual([member.keyOf(name), member.ownerOf(name)], [file, file]);
        }
      }
    }),
    { numRuns: Number(Deno.env.get("RUNS") ?? 60) },
  );
});
