import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeKeys, type Key } from "../../src/system/keys.ts";

function named(keys: readonly Key[]): readonly string[] {
  return keys.map((key) => key.kind === "char" ? `'${key.char}'` : key.kind);
}

const WHOLE: readonly [what: string, text: string, keys: readonly string[]][] = [
  ["text", "q/é🙂", ["'q'", "'/'", "'é'", "'🙂'"]],
  ["arrows, as both kinds of terminals send them", "\x1b[A\x1bOB", ["up", "down"]],
  ["an arrow with Ctrl held", "\x1b[1;5A", ["up"]],
  ["paging", "\x1b[5~\x1b[6~", ["page_up", "page_down"]],
  ["Home and End of four terminals", "\x1b[H\x1b[1~\x1bOH\x1b[7~\x1b[F\x1b[4~\x1bOF\x1b[8~", [
    ..."home home home home end end end end".split(" "),
  ]],
  ["editing", "\r\n\x7f\b\x15\x03", ["enter", "enter", "backspace", "backspace", "ctrl_u", "ctrl_c"]],
  ["a lone Esc", "\x1b", ["escape"]],
  ["Esc and a letter at once", "\x1bq", ["escape", "'q'"]],
  ["Esc twice", "\x1b\x1b", ["escape", "escape"]],
  ["no keys in what nobody needs", "\x1b[2~\x1b[15~\x1b[?1;2c\x00\x1a", []],
];

for (const [what, text, keys] of WHOLE) {
  Deno.test(`decodeKeys() reads ${what}`, () => {
    assert.deepEqual(named(decodeKeys(text, true).keys), keys);
  });
}

for (const rest of ["\x1b", "\x1b[", "\x1bO", "\x1b[1;", "\x1b[5"]) {
  Deno.test(`decodeKeys() keeps ${JSON.stringify(rest)} until more arrives`, () => {
    const { keys, ...left } = decodeKeys(`a${rest}`, false);
    assert.deepEqual([named(keys), left.rest], [["'a'"], rest]);
  });
}

Deno.test("decodeKeys() reads the same however the text is cut", () => {
  const piece = fc.constantFrom("a", "/", "🙂", "\r", "\x1b[A", "\x1bOF", "\x1b[1;5B", "\x1b[5~", "\x1b[15~");
  fc.assert(fc.property(fc.array(piece), fc.nat(), (pieces, cut) => {
    const text = pieces.join("");
    // Between two code points: a TextDecoder gives no half ones.
    const points = [...text];
    const at = points.slice(0, cut % (points.length + 1)).join("").length;
    const first = decodeKeys(text.slice(0, at), false);
    const second = decodeKeys(first.rest + text.slice(at), true);
    assert.deepEqual([...first.keys, ...second.keys], decodeKeys(text, true).keys);
  }));
});
