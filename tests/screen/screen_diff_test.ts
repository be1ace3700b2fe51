import assert from "node:assert/strict";
import fc from "fast-check";
import { screenChanges } from "../../src/screen/screen_diff.ts";
import { linesAfter } from "../support/fake_screen.ts";

Deno.test("screenChanges() writes nothing when nothing has changed", () => {
  assert.equal(screenChanges(["a", "b"], ["a", "b"]), "");
});

Deno.test("screenChanges() writes the lines that have changed, and no others", () => {
  assert.equal(screenChanges(["a", "b", "c"], ["a", "B", "c"]), "\x1b[2;1H\x1b[2KB");
});

for (const shown of [undefined, ["a"]]) {
  Deno.test(`screenChanges() redraws the screen ${shown ? "when the screen has another height" : "at first"}`, () => {
    assert.equal(screenChanges(shown, ["a", "b"]), "\x1b[2J\x1b[1;1H\x1b[2Ka\x1b[2;1H\x1b[2Kb");
  });
}

Deno.test("screenChanges() turns any screen into any other", () => {
  const line = fc.constantFrom("", "a", "b c", "日本");
  const screens = fc.tuple(...[0, 0].map(() => fc.array(line, { minLength: 3, maxLength: 3 })));
  fc.assert(fc.property(screens, ([shown, lines]) => {
    assert.deepEqual(linesAfter(shown!, screenChanges(shown!, lines!)), lines);
    assert.deepEqual(linesAfter(shown!, screenChanges(undefined, lines!)), lines);
  }));
});
