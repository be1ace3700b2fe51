import assert from "node:assert/strict";
import { Shelf } from "../../src/fleet/shelf.ts";

const PLACE = { version: 3, tag: "0123456789abcdef.1" };

function aShelf() {
  const read = (value: unknown) => typeof value === "number" ? value : undefined;
  const isWorth = (from: number, to: number) => to !== from;
  let tags = 0;
  const events = { onNews: () => {}, onStored: () => {} };
  const kind = { kind: "count", initial: 0, keepMs: 1000, isPutBack: true, isWorth, read, ...events };
  return new Shelf<number>(kind, () => `0123456789abcdef.${++tags}`);
}

Deno.test("a shelf reads what it wrote, and nothing of another kind", () => {
  const shelf = aShelf();
  const record = { ...PLACE, writers: [PLACE.tag], value: 7 };
  assert.deepEqual(shelf.read(shelf.text(record), PLACE), record);
  const others = [
    '{"kind":"other","writers":[],"value":7}',
    '{"kind":"count","writers":[],"value":"7"}',
    "[]",
    "{",
    "{}",
  ];
  for (const text of others) assert.equal(shelf.read(text, PLACE), undefined, text);
});

Deno.test("a shelf knows nothing of a name before a change or a record", () => {
  const shelf = aShelf();
  shelf.replica("n");
  assert.deepEqual([shelf.view("n"), shelf.view("m"), shelf.pending], [undefined, undefined, 0]);
  shelf.replica("n").add((count) => count + 1);
  shelf.replica("m").add((count) => count);
  assert.deepEqual([shelf.view("n"), shelf.pending, shelf.names], [1, 1, ["n", "m"]]);
});
