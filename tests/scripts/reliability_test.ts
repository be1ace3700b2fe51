// docs/reliability.md promises that each fault has a test: its tests have to be there, and its counts right.

import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/reliability.md", ROOT));

const rows = page.split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:Fault|-)/.test(line))
  .map((line) => line.slice(1, -1).split(" | ").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 4);

const isHeld = ([, promise = "", measured = ""]: readonly string[]) =>
  !`${promise} ${measured}`.includes("**not held**");

Deno.test("the page about reliability counts its rows", () => {
  const held = rows.filter(isHeld).length;
  const counts = `${rows.length} faults: ${held} hold, ${rows.length - held} are marked as not held`;
  assert.ok(page.includes(counts), `the page should say "${counts}"`);
  assert.ok(rows.length >= 150);
});

Deno.test("each fault that holds names a test, and each test that is named exists", async () => {
  for (const cells of rows) {
    const [fault, , , tests = ""] = cells;
    const names = [...tests.matchAll(/`([\w/]+_test\.ts)`/g)].map(([, name]) => name!);
    if (isHeld(cells)) assert.ok(names.length > 0, `${fault}: no test`);
    for (const name of names) {
      const path = name.startsWith("tests/") ? name : `tests/e2e/${name}`;
      const info = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
      assert.ok(info?.isFile, `${fault}: ${path} is missing`);
    }
  }
});

Deno.test("no fault is told twice", () => {
  const faults = rows.map(([fault]) => fault);
  assert.deepEqual(faults.filter((fault, index) => faults.indexOf(fault) !== index), []);
});
