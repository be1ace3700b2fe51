import assert from "node:assert/strict";
import { followLines, linesOf } from "../../../src/cli/logs/tail.ts";
import type { GrowingFile } from "../../../src/system/growing_file.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const INTERVAL_MS = 200;

class FakeGrowingFile implements GrowingFile {
  isReplaced = false;
  isClosed = false;
  #unread = new Uint8Array();

  constructor(text: string | Uint8Array, readonly startsWithinLine = false) {
    this.add(text);
  }

  add(more: string | Uint8Array): void {
    const bytes = typeof more === "string" ? new TextEncoder().encode(more) : more;
    this.#unread = new Uint8Array([...this.#unread, ...bytes]);
  }

  readMore(): Promise<Uint8Array> {
    const bytes = this.#unread;
    this.#unread = new Uint8Array();
    return Promise.resolve(bytes);
  }

  wasReplaced(): Promise<boolean> {
    return Promise.resolve(this.isReplaced);
  }

  close(): void {
    this.isClosed = true;
  }
}

async function allLines(file: FakeGrowingFile | undefined): Promise<readonly string[]> {
  return (await Array.fromAsync(linesOf(file))).flat();
}

Deno.test("linesOf() returns all lines, including an incomplete one", async () => {
  const file = new FakeGrowingFile("one\ntwo\n\nthr");
  assert.deepEqual(await allLines(file), ["one", "two", "", "thr"]);
  assert.ok(file.isClosed);
});

Deno.test("linesOf() skips a first line without its beginning", async () => {
  assert.deepEqual(await allLines(new FakeGrowingFile("ne\ntwo\n", true)), ["two"]);
  assert.deepEqual(await allLines(new FakeGrowingFile("without an end", true)), []);
});

Deno.test("linesOf() returns nothing without a file", async () => {
  assert.deepEqual(await allLines(undefined), []);
});

/** Follows in the background; `lines` fills as time passes. */
function follow(first: FakeGrowingFile | undefined) {
  const clock = new FakeClock();
  const ending = new AbortController();
  const lines: string[] = [];
  const story = { lines, next: undefined as FakeGrowingFile | undefined };
  const following = (async () => {
    const options = { clock, intervalMs: INTERVAL_MS, signal: ending.signal };
    const portions = followLines(first, () => Promise.resolve(story.next), options);
    for await (const portion of portions) lines.push(...portion);
  })();
  return Object.assign(story, {
    look: () => clock.advance(INTERVAL_MS),
    end: async () => {
      ending.abort();
      await following;
    },
  });
}

Deno.test("followLines() returns present and new lines, whole lines only", async () => {
  const file = new FakeGrowingFile("one\ntw");
  const story = follow(file);
  await story.look();
  assert.deepEqual(story.lines, ["one"]);
  file.add("o\n");
  file.add(new TextEncoder().encode("grün\n").subarray(0, 3));
  await story.look();
  file.add(new TextEncoder().encode("grün\n").subarray(3));
  await story.look();
  assert.deepEqual(story.lines, ["one", "two", "grün"]);
  await story.end();
  assert.ok(file.isClosed);
});

Deno.test("followLines() reads a replaced file to its end, then the new one from its beginning", async () => {
  const file = new FakeGrowingFile("one\n", true);
  const story = follow(file);
  await story.look();
  file.add("two\nunfinished");
  file.isReplaced = true;
  story.next = new FakeGrowingFile("three\n");
  await story.look();
  await story.look();
  assert.deepEqual(story.lines, ["two", "unfinished", "three"]);
  assert.ok(file.isClosed);
  await story.end();
});

Deno.test("followLines() waits for a file that does not exist yet", async () => {
  const story = follow(undefined);
  await story.look();
  story.next = new FakeGrowingFile("first\n");
  await story.look();
  await story.look();
  assert.deepEqual(story.lines, ["first"]);
  await story.end();
});
