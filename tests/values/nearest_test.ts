import assert from "node:assert/strict";
import { nearest } from "../../src/values/nearest.ts";

const WORDS = ["reset", "status", "stop", "proxy", "CLIPROXY_ROTATION"];

const MEANT: readonly [word: string, meant: string | undefined][] = [
  ["reset", "reset"],
  ["rest", "reset"],
  ["statsu", "status"],
  ["stat", undefined],
  ["proxxy", "proxy"],
  ["CLIPROXY_ROTATON", "CLIPROXY_ROTATION"],
  ["restart", undefined],
  ["", undefined],
  ["something else", undefined],
];

for (const [word, meant] of MEANT) {
  Deno.test(`nearest() takes "${word}" for ${meant ?? "none of the words"}`, () => {
    assert.equal(nearest(word, WORDS), meant);
  });
}
