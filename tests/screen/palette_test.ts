import assert from "node:assert/strict";
import { Ansis } from "ansis";
import fc from "fast-check";
import { type Palette, paletteOf } from "../../src/screen/palette.ts";

const STYLES = Object.keys(paletteOf(true)) as (keyof Palette)[];
const text = fc.string({ unit: fc.constantFrom("a", "ä", " ", "\n", "\r\n", "$", "&") });

/** Text with styles inside others. */
const painted = (palette: Palette) =>
  fc.array(fc.tuple(fc.constantFrom(...STYLES), text, text), { maxLength: 4 })
    .map((steps) =>
      steps.reduce((inner, [style, before, after]) => palette[style](before + inner + after), "")
    );

for (const isColoured of [true, false]) {
  Deno.test(`paletteOf(${isColoured}) writes what a package for it writes`, () => {
    const seed = 7;
    const [own, theirs] = [paletteOf(isColoured), new Ansis(isColoured ? 1 : 0)].map((palette) =>
      fc.sample(painted(palette), { seed, numRuns: 500 })
    );
    assert.deepEqual(own, theirs);
  });
}
