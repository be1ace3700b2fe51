// What `.env` says, judged by dotenv itself.

import assert from "node:assert/strict";
import { parse } from "dotenv";
import fc from "fast-check";
import { readEnvFile } from "../../src/config/env_text.ts";
import { anyEnvText } from "../support/env_texts.ts";
import { fuzzRuns } from "../support/fuzz.ts";

Deno.test("readEnvFile() reads names and values, the last assignment winning", () => {
  const text = "# note\r\nA=1 # first\r\nexport B='two words'\r\nnonsense\r\nC=\"x\\ny\"\r\nA=2";
  assert.deepEqual({ ...readEnvFile(text) }, { A: "2", B: "two words", C: "x\ny" });
});

Deno.test("readEnvFile() passes over a byte order mark, and keeps NUL for the setting to refuse", () => {
  assert.deepEqual({ ...readEnvFile("\ufeffA=1\r\nB=x\0y\n") }, { A: "1", B: "x\0y" });
});

Deno.test("readEnvFile() reads any text as dotenv does", () => {
  fc.assert(
    fc.property(anyEnvText, (text) => assert.deepEqual(readEnvFile(text), parse(text))),
    { numRuns: fuzzRuns() },
  );
});
