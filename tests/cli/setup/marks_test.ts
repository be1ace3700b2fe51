import assert from "node:assert/strict";
import { isRouted, MARK, routedPorts, wasMade } from "../../../src/cli/setup/marks.ts";

const PORTS: readonly (readonly [text: string, ports: readonly number[]])[] = [
  ["", []],
  [`openai_base_url = "http://127.0.0.1:81/x" ${MARK}\r\nchatgpt_base_url = "http://localhost:81" ${MARK}`, [
    81,
  ]],
  [`model_providers.cdx2.base_url = "http://[::1]:82" ${MARK}\n`, [82]],
  ["openai_base_url = 'http://localhost:83/v1'\n", [83]],
  ["# openai_base_url = 'http://localhost:83/v1'\n", []],
  ["openai_base_url = 'https://api.example.com:84'\n", []],
  ["base_url = 'http://localhost:11434'\n", []],
];

for (const [text, ports] of PORTS) {
  Deno.test(`routedPorts() of ${JSON.stringify(text)}`, () => assert.deepEqual(routedPorts(text), ports));
}

Deno.test("isRouted() and wasMade() look at whole lines", () => {
  assert.equal(isRouted(`x = 1 ${MARK}\n`), true);
  assert.equal(isRouted(`# replaced by cdx2 setup codex: a = 1`), true);
  assert.equal(isRouted(`x = 1 ${MARK} or not\n`), false);
  assert.equal(wasMade(`x = 1 ${MARK}\n`), false);
});
