import assert from "node:assert/strict";
import { Turns } from "../../src/system/turns.ts";

/** Work that takes as long as it says, and an event loop that comes round when it is told to. */
function aThread() {
  let elapsedMs = 0;
  const rounds: (() => void)[] = [];
  const turns = new Turns({
    elapsedMs: () => elapsedMs,
    comeRound: () => new Promise((resolve) => rounds.push(resolve)),
  });
  const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  return {
    turns,
    take: (ms: number) => void (elapsedMs += ms),
    /** What is due in this turn. */
    settled,
    comeRound: () => {
      for (const round of rounds.splice(0)) round();
      return settled();
    },
    get waitsForRounds(): number {
      return rounds.length;
    },
  };
}

Deno.test("the work of one turn ends after a few milliseconds, however many bodies there are", async () => {
  const thread = aThread();
  const done: number[] = [];
  const bodies = [0, 1, 2, 3, 4].map(async (body) => {
    for (let piece = 0; piece < 2; piece++) {
      await thread.turns.work(() => thread.take(1.5));
      done.push(body);
    }
  });
  const doneByTurn: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await (turn === 0 ? thread.settled() : thread.comeRound());
    doneByTurn.push(done.length);
  }
  await Promise.all(bodies);
  assert.deepEqual(doneByTurn, [2, 4, 6, 8, 10]);
  assert.deepEqual(
    new Set(done.slice(0, 5)),
    new Set([0, 1, 2, 3, 4]),
    "each has its turn before one has two",
  );
});

Deno.test("little work needs no turn, and what is waited for does not count as work", async () => {
  const thread = aThread();
  assert.equal(await thread.turns.work(() => 1), 1);
  const slow = Promise.withResolvers<number>();
  const waiting = thread.turns.work(() => slow.promise);
  thread.take(60_000);
  slow.resolve(2);
  assert.equal(await waiting, 2);
  assert.equal(await thread.turns.work(() => 3), 3);
  assert.equal(thread.waitsForRounds, 0);
});

Deno.test("the event loop is asked to come round after 0.25 ms of work, and waited for after 2", async () => {
  const thread = aThread();
  const asked: number[] = [];
  for (const ms of [0.125, 0.125, 1.75]) {
    await thread.turns.work(() => thread.take(ms));
    asked.push(thread.waitsForRounds);
  }
  assert.deepEqual(asked, [0, 1, 1]);
  let isDone = false;
  const next = thread.turns.work(() => isDone = true);
  await thread.settled();
  assert.ok(!isDone);
  await thread.comeRound();
  await next;
});

Deno.test("an event loop that has come round meanwhile keeps no work waiting", async () => {
  const thread = aThread();
  for (let piece = 0; piece < 5; piece++) {
    await thread.turns.work(() => thread.take(1.5));
    await thread.comeRound();
  }
  assert.equal(thread.waitsForRounds, 0);
});

Deno.test("work that fails counts like any other, and fails for its own caller alone", async () => {
  const thread = aThread();
  await assert.rejects(
    thread.turns.work(() => {
      thread.take(5);
      throw new Error("no");
    }),
    /no/,
  );
  const next = thread.turns.work(() => 1);
  await thread.settled();
  assert.equal(thread.waitsForRounds, 1);
  await thread.comeRound();
  assert.equal(await next, 1);
});
