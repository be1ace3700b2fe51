import assert from "node:assert/strict";
import { EventFeed, type EventNews } from "../../src/runtime/event_feed.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { wallMs } from "../../src/system/clock.ts";
import { aRecord, POLICY, T0 } from "../support/builders.ts";
import { anAttempt, anEvent } from "../support/events.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aFeed() {
  const clock = new FakeClock(T0);
  const sent: EventNews[] = [];
  const feed = new EventFeed({ clock, send: (news) => sent.push(news) });
  return { clock, sent, feed };
}

Deno.test("attempts of a second go in one batch, as entries without an e-mail or a session's name", async () => {
  const { clock, sent, feed } = aFeed();
  const session = "01a20350-83c7";
  feed.take(anAttempt({ session, model: "gpt-5.5", input_tokens: 9, auth_file: "ann@example.com.json" }));
  await clock.advance(500);
  feed.take(anAttempt({ session }));
  await clock.advance(600);
  assert.equal(sent.length, 1);
  const { attempts } = sent[0]!.usage;
  assert.deepEqual(attempts.map(({ model, input }) => [model, input]), [["gpt-5.5", 9], ["", undefined]]);
  assert.equal(attempts[0]!.session, attempts[1]!.session);
  assert.doesNotMatch(JSON.stringify(sent), /@|01a20350/);
});

const LEFT_OUT = [
  ["that asks no model", { route: "models" }],
  ["made with the client's own login", { auth_file: null }],
  ["that only prepares a WebSocket", { prewarm: true }],
] as const;
for (const [what, over] of LEFT_OUT) {
  Deno.test(`an attempt ${what} is not in the history`, async () => {
    const { clock, sent, feed } = aFeed();
    feed.take(anAttempt(over));
    await clock.advance(5_000);
    assert.deepEqual([sent, clock.pendingTimers], [[], 0]);
  });
}

Deno.test("what the user is told of does not wait for the batch", async () => {
  const { clock, sent, feed } = aFeed();
  feed.take(anAttempt());
  feed.take(anEvent("auth.blacklisted"));
  await clock.advance(60);
  assert.deepEqual(
    sent.map(({ events, usage }) => [events.map(({ event }) => event), usage.changes.length]),
    [
      [["auth.blacklisted"], 1],
    ],
  );
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a batch tells how full windows are, each reading once, and not with every batch", async () => {
  const { clock, sent, feed } = aFeed();
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], clock.nowMs());
  feed.connect(pool.wall);
  const reading = {
    limit: "codex",
    windowSeconds: 18_000,
    usedPercent: 40,
    resetAtMs: undefined,
    source: "headers",
  } as const;
  const turn = async (usedPercent: number | undefined, waitMs: number) => {
    const readings = usedPercent === undefined ? [] : [{ ...reading, usedPercent, atMs: clock.nowMs() }];
    pool.noteWindows(aRecord("a"), [...readings, ...readings.map((own) => ({ ...own, limit: "other" }))]);
    feed.take(anAttempt());
    await clock.advance(waitMs);
  };
  await turn(40, 2_000);
  await turn(41, 20_000);
  await turn(undefined, 20_000);
  await turn(undefined, 2_000);
  const windows = sent.map(({ usage }) =>
    usage.windows.map(({ key, usedPercent }) => `${key} ${usedPercent}`)
  );
  assert.deepEqual(windows, [["a.json 40"], [], ["a.json 41"], []]);
});

Deno.test("the times of windows are those of the wall clock, also after somebody has set it", async () => {
  const { clock, sent, feed } = aFeed();
  const pool = new KeyPool(POLICY, () => {}, clock);
  pool.merge([aRecord("a")], clock.nowMs());
  feed.connect(pool.wall);
  clock.wallAheadMs = -3_600_000;
  pool.wall.move(clock.wallAheadMs);
  for (const usedPercent of [40, 41]) {
    const atMs = wallMs(clock);
    const window = { windowSeconds: 18_000, usedPercent, resetAtMs: atMs + 60_000, atMs };
    pool.noteWindows(aRecord("a"), [{ ...window, limit: "codex", source: "headers" }]);
    feed.take(anAttempt());
    await clock.advance(20_000);
    assert.deepEqual(sent.at(-1)?.usage.windows, [{ ...window, key: "a.json" }]);
  }
});

Deno.test("flush() sends the rest at the end", () => {
  const { sent, feed } = aFeed();
  feed.take(anAttempt());
  feed.flush();
  feed.flush();
  assert.equal(sent.length, 1);
});
