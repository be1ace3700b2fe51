// The source maps in the executable, as Node's own reader of such maps reads them.

import assert from "node:assert/strict";
import { SourceMap } from "node:module";
import fc from "fast-check";
import { lineMap } from "../../scripts/line_map.ts";

const CODE = `const one=1;\nfunction two(){throw new Error("x")}two();\n`;

/** The line, from 1, of each character of the code; a map has it from 0. */
function linesBy(mappings: string, sources: readonly string[]): readonly string[] {
  const map = new SourceMap({
    version: 3,
    file: "",
    sourceRoot: "",
    sourcesContent: [],
    names: [],
    sources: [...sources],
    mappings,
  });
  return CODE.split("\n").flatMap((text, line) =>
    [...text].map((_, column) => {
      const entry = map.findEntry(line, column);
      return "originalSource" in entry ? `${entry.originalSource}:${entry.originalLine}` : "-";
    })
  );
}

const SOURCES = ["src/one.ts", "src/two.ts"];

for (
  const [what, mappings, expected] of [
    ["nothing", "", ""],
    ["a line of code without a source", ";AAAA", ";AAAA"],
    ["places of one line become one", "AAAA,MAAMA,GAAG", "AAAA"],
    ["columns and names go", "AACIA", "AACA"],
    ["a line before", "AAEA,CADC", "AAEA,CADA"],
    ["the same line again after another one", "AAAA,CACA,CADA", "AAAA,CACA,CADA"],
    ["the same line in the next line of code", "AAAA;AAAC", "AAAA;AAAA"],
    ["another source", "AAAA,CCAA,CDAA", "AAAA,CCAA,CDAA"],
    ["large numbers", "gwhBAogCgB", "gwhBAogCA"],
    ["code that comes from no source", "AAAA,C,CACA", "AAAA,EACA"],
  ] as const
) {
  Deno.test(`lineMap(): ${what}`, () => {
    const { mappings: lines, ...more } = lineMap({
      version: 3,
      sources: SOURCES,
      sourcesContent: ["text", "text"],
      names: ["one"],
      mappings,
    });
    assert.equal(lines, expected);
    assert.deepEqual(more, { version: 3, sources: SOURCES, names: [] });
  });
}

Deno.test("lineMap() leaves every place of the code its source and line", () => {
  const place = fc.record({ column: fc.nat(12), source: fc.nat(1), line: fc.nat(3000), own: fc.nat(200) });
  const line = fc.uniqueArray(place, { selector: ({ column }) => column, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
      const mappings = written(lines);
      assert.deepEqual(
        linesBy(lineMap({ version: 3, sources: SOURCES, mappings }).mappings, SOURCES),
        linesBy(mappings, SOURCES),
      );
    }),
  );
});

interface Written {
  readonly column: number;
  readonly source: number;
  readonly line: number;
  readonly own: number;
}

/** A map with these places, as a bundler writes it. */
function written(lines: readonly (readonly Written[])[]): string {
  let last: Written = { column: 0, source: 0, line: 0, own: 0 };
  return lines.map((places) => {
    let column = 0;
    return places.toSorted((a, b) => a.column - b.column).map((place) => {
      const numbers = [
        place.column - column,
        place.source - last.source,
        place.line - last.line,
        place.own - last.own,
      ];
      column = place.column;
      last = place;
      return numbers.map(digits).join("");
    }).join(",");
  }).join(";");
}

function digits(number: number): string {
  const shifted = number < 0 ? (-number << 1) | 1 : number << 1;
  const parts = shifted.toString(32).split("").map((digit) => parseInt(digit, 32)).reverse();
  const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return parts.map((part, index) => all[index < parts.length - 1 ? part + 32 : part]).join("");
}
