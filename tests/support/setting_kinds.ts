// The table of a kind of settings: text in, value out.

import assert from "node:assert/strict";
import type { Kind } from "../../src/config/setting_kinds.ts";

export const PLACE = { homeFolder: "/home/ann", cwd: "/tmp/work" };

/** One test a row; `undefined` stands for "not allowed". */
export function parses<T>(
  title: string,
  kind: Pick<Kind<T>, "parse">,
  rows: readonly (readonly [text: string, value: T | undefined])[],
): void {
  for (const [text, value] of rows) {
    const result = value === undefined ? "refuses" : "takes";
    Deno.test(`${title} ${result} ${JSON.stringify(text)}`, () =>
      assert.deepEqual(kind.parse(text, PLACE), value));
  }
}
