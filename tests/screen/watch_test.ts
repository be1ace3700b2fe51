import assert from "node:assert/strict";
import { watch, type WatchOptions } from "../../src/screen/watch.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { FakeScreen } from "../support/fake_screen.ts";

/** A view of how often it has asked, in as many lines as it is told, on a screen of six. */
class Watched {
  readonly screen = new FakeScreen({ columns: 60, rows: 6 });
  readonly clock = new FakeClock();
  readonly processes = new FakeProcesses();
  asked = 0;
  exitCode: number | undefined;
  failure: unknown;

  constructor(lineCount: number, options: Partial<WatchOptions<number>> = {}) {
    const { screen, clock, processes } = this;
    watch({ openScreen: () => screen, clock, processes }, {
      intervalMs: 60_000,
      ask: () => Promise.resolve(++this.asked),
      draw: (answer, { columns }) =>
        Array.from({ length: lineCount }, (_, line) => `answer ${answer}, line ${line} of ${columns}\n`).join(
          "",
        ),
      ...options,
    }).then((code) => this.exitCode = code, (error) => this.failure = error);
  }
}

Deno.test("watch() draws the answer, and the next one after the interval", async () => {
  const watched = new Watched(2);
  await watched.clock.advance(59_999);
  assert.deepEqual(watched.screen.lines.slice(0, 5), [
    "answer 1, line 0 of 60",
    "answer 1, line 1 of 60",
    "",
    "",
    "",
  ]);
  assert.match(watched.screen.lines[5]!, /^q quit {2}r refresh {2}updated \d\d:\d\d:\d\d, again every 1m$/);
  await watched.clock.advance(1);
  assert.equal(watched.screen.lines[0], "answer 2, line 0 of 60");
  assert.ok(watched.screen.isOpen);
});

Deno.test("watch() shows that it is asking, and keeps the last answer on the screen", async () => {
  const answers = [Promise.resolve(1), new Promise<number>(() => {})];
  const watched = new Watched(1, { ask: () => answers.shift()! });
  await watched.clock.advance(60_000);
  assert.deepEqual([watched.screen.lines[0], watched.screen.lines[5]], [
    "answer 1, line 0 of 60",
    "q quit  r refresh  asking…",
  ]);
});

/** `[keys, first line, footer]` of forty lines where there is room for five. */
const SCROLLS: [string, number, RegExp][] = [
  ["", 0, /↑↓ scroll \(1–5 of 40\)/],
  ["\x1b[B\x1b[B\x1b[A", 1, /\(2–6 of 40\)/],
  ["\x1b[6~", 5, /\(6–10 of 40\)/],
  ["\x1b[F", 35, /\(36–40 of 40\)/],
  ["\x1b[F\x1b[B\x1b[5~", 30, /\(31–35 of 40\)/],
  ["\x1b[F\x1b[H\x1b[A", 0, /\(1–5 of 40\)/],
];

for (const [keys, first, footer] of SCROLLS) {
  Deno.test(`watch() scrolls to line ${first} by ${JSON.stringify(keys)}`, async () => {
    const { screen, clock } = new Watched(40);
    await clock.advance(0);
    screen.press(keys);
    await clock.advance(0);
    assert.equal(screen.lines[0], `answer 1, line ${first} of 60`);
    assert.match(screen.lines[5]!, footer);
  });
}

Deno.test("watch() stays where it was scrolled to, as far as the next answer has lines", async () => {
  let lineCount = 40;
  const watched = new Watched(0, {
    draw: () => Array.from({ length: lineCount }, (_, line) => `line ${line}\n`).join(""),
  });
  await watched.clock.advance(0);
  watched.screen.press("\x1b[6~");
  await watched.clock.advance(60_000);
  assert.equal(watched.screen.lines[0], "line 5");
  lineCount = 7;
  await watched.clock.advance(60_000);
  assert.equal(watched.screen.lines[0], "line 2");
});

Deno.test("watch() asks at once after r", async () => {
  const watched = new Watched(1);
  await watched.clock.advance(1000);
  watched.screen.press("r");
  await watched.clock.advance(0);
  assert.equal(watched.asked, 2);
  await watched.clock.advance(59_999);
  assert.equal(watched.asked, 2);
  await watched.clock.advance(1);
  assert.equal(watched.asked, 3);
});

Deno.test("watch() redraws for a new size of the terminal without asking again", async () => {
  const watched = new Watched(8);
  await watched.clock.advance(0);
  watched.screen.resize({ columns: 20, rows: 9 });
  assert.equal(watched.screen.lines[7], "answer 1, line 7 of…");
  assert.equal(watched.asked, 1);
});

/** `[what, how, exit code]` */
const ENDINGS: [string, (watched: Watched) => void, number][] = [
  ["q", ({ screen }) => screen.press("xq"), 0],
  ["Ctrl-C", ({ screen }) => screen.press("\x03"), 130],
  ["the end of the terminal", ({ screen }) => screen.hangUp(), 0],
  ["SIGINT", ({ processes }) => processes.receive("SIGINT"), 130],
  ["SIGTERM", ({ processes }) => processes.receive("SIGTERM"), 143],
  ["SIGHUP", ({ processes }) => processes.receive("SIGHUP"), 129],
];

for (const [what, act, exitCode] of ENDINGS) {
  Deno.test(`watch() ends by ${what} with ${exitCode}, restores the terminal and stops asking`, async () => {
    const watched = new Watched(1);
    await watched.clock.advance(0);
    act(watched);
    await watched.clock.advance(0);
    assert.equal(watched.exitCode, exitCode);
    assert.equal(watched.screen.isOpen, false);
    const { writes } = watched.screen;
    await watched.clock.advance(200_000);
    assert.deepEqual([watched.asked, watched.screen.writes], [1, writes]);
  });
}

Deno.test("watch() restores the terminal when asking fails", async () => {
  const watched = new Watched(1, { ask: () => Promise.reject(new Error("no auth dir")) });
  await watched.clock.advance(0);
  assert.match(String(watched.failure), /no auth dir/);
  assert.equal(watched.screen.isOpen, false);
});
