import assert from "node:assert/strict";
import { AttemptWatch } from "../../src/upstream/attempt_watch.ts";
import { SendError } from "../../src/system/http.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ConnectionReuse } from "../../src/upstream/connection_reuse.ts";
import type { Repeating } from "../../src/upstream/lost_connection.ts";
import { aLink } from "../support/upstream_link.ts";

const ABORTED = new SendError("aborted", "the attempt was ended");

function aWatch() {
  const clock = new FakeClock();
  const client = new AbortController();
  return { clock, client, watch: new AttemptWatch(aLink({ clock }), client.signal, "costly") };
}

Deno.test("an AttemptWatch limits nothing after the head has come", async () => {
  const { clock, watch } = aWatch();
  watch.headArrived();
  assert.equal(clock.pendingTimers, 0);
  await clock.advance(400_000);
  assert.equal(watch.signal.aborted, false);
});

for (const isReachable of [true, false]) {
  Deno.test(`an AttemptWatch does not care what a look finds after the head has come: ${isReachable}`, async () => {
    const clock = new FakeClock();
    const found = Promise.withResolvers<boolean>();
    const reuse = new ConnectionReuse(clock, () => {});
    for (let i = 0; i < 50; i++) reuse.noteAnswer(true);
    const link = aLink({
      clock,
      reuse,
      canConnect: () => clock.elapsedMs() < 9000 ? Promise.resolve(true) : found.promise,
    });
    const watch = new AttemptWatch(link, new AbortController().signal, "harmless");
    await clock.advance(10_000);
    watch.headArrived();
    found.resolve(isReachable);
    await clock.advance(4000);
    assert.equal(watch.signal.aborted, false);
  });
}

Deno.test("an AttemptWatch remembers what ended the attempt first", async () => {
  const { clock, client, watch } = aWatch();
  client.abort();
  await clock.advance(400_000);
  assert.deepEqual(watch.endingOf(ABORTED), { kind: "client_disconnected" });
});

Deno.test("an AttemptWatch begins ended for a client that has left already", () => {
  const watch = new AttemptWatch(aLink(), AbortSignal.abort(), "costly");
  assert.equal(watch.signal.aborted, true);
  assert.deepEqual(watch.endingOf(ABORTED), { kind: "client_disconnected" });
});

Deno.test("an AttemptWatch that was stopped aborts nothing", async () => {
  const { clock, client, watch } = aWatch();
  watch.stop();
  client.abort();
  await clock.advance(400_000);
  assert.equal(watch.signal.aborted, false);
});

Deno.test("endingOf() throws a bug on", () => {
  assert.throws(() => aWatch().watch.endingOf(new TypeError("a bug")), TypeError);
});

interface Waiting {
  readonly repeating: Repeating;
  readonly isReused?: boolean;
  /** When the computer sleeps for how long, in seconds of the clock that stands still then. */
  readonly sleep?: readonly [number, number];
  /** When another request is answered on a used connection, in seconds. */
  readonly otherAnswerAt?: number;
  /** From when until when the upstream cannot be connected to, in seconds. */
  readonly outage?: readonly [number, number];
}

/** An attempt without an answer: how it ends, and after how many seconds of its 300. */
async function endOf(
  { repeating, isReused = false, sleep, otherAnswerAt, outage = [0, 0] }: Waiting,
): Promise<string> {
  const clock = new FakeClock();
  let drops = 0;
  const reuse = new ConnectionReuse(clock, () => drops++);
  for (let i = 0; isReused && i < 50; i++) reuse.noteAnswer(true);
  const [from, until] = outage;
  const isOut = () => clock.elapsedMs() >= from * 1000 && clock.elapsedMs() < until * 1000;
  const canConnect = () => Promise.resolve(!isOut());
  const watch = new AttemptWatch(
    aLink({ clock, reuse, canConnect }),
    new AbortController().signal,
    repeating,
  );
  assert.equal(watch.mayReuse, isReused);
  if (sleep) clock.after(sleep[0] * 1000, () => clock.suspend(sleep[1] * 1000));
  if (otherAnswerAt !== undefined) clock.after(otherAnswerAt * 1000, () => reuse.noteAnswer(true));
  while (!watch.signal.aborted) await clock.advance(1000);
  const end = watch.endingOf(ABORTED);
  assert.ok(end.kind === "failed");
  const { isLost, isUnsent, isTimeout, reason } = end.failure;
  assert.deepEqual([isLost, isUnsent || isTimeout], isLost ? [true, false] : [false, true]);
  assert.equal(drops, isLost ? 1 : 0);
  return `${clock.elapsedMs() / 1000} s: ${reason}`;
}

const NO_ANSWER = "300 s: no answer within 5m";
const OPENS = "no answer, but a new connection opens";
const USED = `used connection was dead: ${OPENS}`;
const LOST = `connection lost while the computer slept: ${OPENS}`;

/** `[what, how it waits, how it ends]` */
const WAITS: readonly [string, Waiting, string][] = [
  ["a model that thinks", { repeating: "costly" }, NO_ANSWER],
  [
    "a model that thinks while others answer",
    { repeating: "costly", isReused: true, otherAnswerAt: 0.1 },
    NO_ANSWER,
  ],
  ["a model call when nothing used answers", { repeating: "costly", isReused: true }, `35 s: ${USED}`],
  ["a slow GET on a new connection", { repeating: "harmless" }, NO_ANSWER],
  ["a GET on a used connection", { repeating: "harmless", isReused: true }, `10 s: ${USED}`],
  [
    "a POST that may not be repeated, on a used connection",
    { repeating: "unsafe", isReused: true },
    NO_ANSWER,
  ],
  ["a model call over a sleep", { repeating: "costly", sleep: [62, 3600] }, `70 s: ${LOST}`],
  ["a GET over a sleep", { repeating: "harmless", sleep: [62, 3600] }, `70 s: ${LOST}`],
  ["a model call over a nap", { repeating: "costly", sleep: [62, 29] }, NO_ANSWER],
  ["a model call over a clock set back", { repeating: "costly", sleep: [62, -3600] }, NO_ANSWER],
  ["a POST that may not be repeated, over a sleep", { repeating: "unsafe", sleep: [62, 3600] }, NO_ANSWER],
  [
    "a model call over a sleep at its beginning, before the network is back",
    { repeating: "costly", sleep: [1, 3600], outage: [1, 22] },
    `25 s: ${LOST}`,
  ],
  [
    "a model call over a sleep, before the network is back",
    { repeating: "costly", sleep: [62, 3600], outage: [62, 91] },
    `95 s: ${LOST}`,
  ],
  ["an upstream out of reach", { repeating: "costly", outage: [0, 400] }, "5 s: no connection within 10s"],
  [
    "an upstream out of reach, asked over a used connection",
    { repeating: "harmless", isReused: true, outage: [0, 400] },
    "5 s: no connection within 10s",
  ],
];

for (const [what, waiting, expected] of WAITS) {
  Deno.test(`an AttemptWatch ends ${what} after ${expected}`, async () => {
    assert.equal(await endOf(waiting), expected);
  });
}

/** `[repeating, used connection, slept (s), may be sent again]` */
const BREAKS: readonly [Repeating, boolean, number, boolean][] = [
  ["costly", false, 0, false],
  ["costly", true, 0, true],
  ["costly", false, 60, true],
  ["harmless", true, 0, true],
  ["unsafe", true, 60, false],
];

for (const [repeating, isReused, sleptSeconds, isLost] of BREAKS) {
  const where = `${isReused ? "a used" : "a new"} connection that breaks after ${sleptSeconds} s of sleep`;
  Deno.test(`an AttemptWatch calls ${where} lost for a ${repeating} request: ${isLost}`, () => {
    const clock = new FakeClock();
    const reuse = new ConnectionReuse(clock, () => {});
    for (let i = 0; isReused && i < 50; i++) reuse.noteAnswer(true);
    const watch = new AttemptWatch(aLink({ clock, reuse }), new AbortController().signal, repeating);
    clock.suspend(sleptSeconds * 1000);
    const reason = "connection reset by peer";
    const failure = { isUnsent: false, isTimeout: false, isLost, reason };
    assert.deepEqual(watch.endingOf(new SendError("interrupted", reason)), { kind: "failed", failure });
    const refused = { ...failure, isUnsent: true, isLost: false };
    assert.deepEqual(watch.endingOf(new SendError("not_sent", reason)), { kind: "failed", failure: refused });
  });
}

Deno.test("a connection that broke counts as lost only where it may have been used before", () => {
  const clock = new FakeClock();
  const reuse = new ConnectionReuse(clock, () => {});
  const isLost = (wasUsed: boolean | undefined) => {
    for (let i = 0; i < 50; i++) reuse.noteAnswer(true);
    const watch = new AttemptWatch(aLink({ clock, reuse }), new AbortController().signal, "costly");
    const end = watch.endingOf(new SendError("interrupted", "connection closed", wasUsed));
    watch.stop();
    return end.kind === "failed" && end.failure.isLost;
  };
  assert.deepEqual([undefined, true, false].map(isLost), [true, true, false]);
});
