import assert from "node:assert/strict";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { KeptFile, type KeptReading, readKeptFile } from "../../src/runtime/kept_file.ts";
import { T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const PATH = "/auths/kept.json";
const DELAY_MS = 2000;

/** A file that holds `text`, which a test changes; `writes` counts how often it was made. */
function aKeptFile(delayMs = DELAY_MS) {
  const files = new MemoryFiles({ [PATH]: "" });
  const clock = new FakeClock(T0);
  const events: ProxyEvent[] = [];
  const now = { text: "first", writes: 0 };
  const place = { files, clock, path: PATH, publish: (event: ProxyEvent) => void events.push(event) };
  const text = () => (now.writes++, now.text);
  const kept = new KeptFile(place, { text, content: "things", delayMs });
  return { files, clock, events, place, now, kept };
}

Deno.test("KeptFile writes a while after a change, what has changed by then, and once", async () => {
  const { files, clock, now, kept } = aKeptFile();
  kept.save();
  await clock.advance(DELAY_MS - 1);
  now.text = "second";
  kept.save();
  assert.equal(files.text(PATH), "");
  await clock.advance(1);
  assert.equal(files.text(PATH), "second");
  await clock.advance(10 * DELAY_MS);
  assert.equal(now.writes, 1);
  kept.save();
  await clock.advance(DELAY_MS);
  assert.equal(now.writes, 2);
});

Deno.test("KeptFile writes at once without a delay, and when it is flushed", async () => {
  const atOnce = aKeptFile(0);
  atOnce.kept.save();
  assert.equal(atOnce.now.writes, 1);
  const { files, clock, now, kept } = aKeptFile();
  kept.save();
  await kept.flush();
  assert.equal(files.text(PATH), "first");
  assert.equal(clock.pendingTimers, 0);
  now.text = "later";
  kept.save();
  assert.equal(files.text(PATH), "first", "it waits again");
});

Deno.test("KeptFile reports a disk that takes nothing once, and goes on when it does", async () => {
  const { files, events, kept } = aKeptFile();
  files.failAt(PATH, "no_space");
  for (let i = 0; i < 3; i++) await kept.flush();
  assert.deepEqual(events.map(({ event, message }) => [event, message]), [
    [
      "state.not_saved",
      "things cannot be saved and would be lost by a restart: /auths/kept.json: no space left on device",
    ],
  ]);
  files.healAt(PATH);
  await kept.flush();
  assert.equal(files.text(PATH), "first");
});

/** Reads a file whose text must be `good`. */
const READER = {
  name: "kept file",
  without: "all starts empty",
  read: (text: string): KeptReading<string> =>
    text === "good" ? { kind: "read", value: text } : { kind: "unusable", reason: "it is bad" },
};

Deno.test("readKeptFile() gives what the file holds, and nothing when there is none", async () => {
  const { files, place, events } = aKeptFile();
  files.put(PATH, "good");
  assert.equal(await readKeptFile(place, READER), "good");
  files.delete(PATH);
  assert.equal(await readKeptFile(place, READER), undefined);
  assert.deepEqual(events, []);
});

/** `[what, what happens to the file, what is said of it]` */
const UNUSABLE: readonly [string, (files: MemoryFiles) => void, RegExp][] = [
  [
    "is bad",
    (files) => files.put(PATH, "bad"),
    /^the kept file cannot be used: it is bad; it was set aside and all/,
  ],
  [
    "is too large",
    (files) => files.put(PATH, "x".repeat(4 * 2 ** 20 + 1)),
    /larger than 4 MiB; it was set aside/,
  ],
  [
    "is a folder",
    (files) => (files.delete(PATH), files.put(`${PATH}/x`, "")),
    /is a directory; it was set aside/,
  ],
  [
    "may not be read",
    (files) => files.failAt(PATH, "denied"),
    /permission denied; it could not be set aside/,
  ],
];

for (const [what, happens, said] of UNUSABLE) {
  Deno.test(`readKeptFile() sets a file aside that ${what}, and says so`, async () => {
    const { files, place, events } = aKeptFile();
    happens(files);
    assert.equal(await readKeptFile(place, READER), undefined);
    const [event] = events;
    assert.equal(event?.event, "state.set_aside");
    assert.match(event.message, said);
    const isAside = !said.source.includes("could not");
    assert.deepEqual(event.fields, isAside ? { file: `${PATH}.set-aside` } : {});
  });
}
