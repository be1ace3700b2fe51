import assert from "node:assert/strict";
import { formatOf, FORMATS } from "../../src/credentials/formats.ts";
import { isObject, parseJson } from "../../src/values/json.ts";
import { TOOL_FILES } from "../support/tool_files.ts";

Deno.test("FORMATS has a file in the table of tests for each row", () => {
  const files = TOOL_FILES.map(({ text }) => parseJson(text)).filter(isObject);
  const met = new Set(files.map(formatOf));
  const nameless = FORMATS.filter(({ tool }) => tool === undefined);
  assert.deepEqual(FORMATS.filter((row) => !met.has(row) && !nameless.includes(row)), []);
});

Deno.test("formatOf() leaves a file that is one login alone", () => {
  for (const name of ["Codex", "a flat file", "CLIProxyAPI", "Cockpit", "a personal access token"]) {
    const file = parseJson(TOOL_FILES.find((known) => known.name === name)!.text);
    assert.ok(isObject(file));
    assert.equal(formatOf(file), undefined, name);
  }
});

Deno.test("formatOf() knows lists and maps of no tool in particular", () => {
  for (const name of ["accounts", "logins", "items"]) {
    assert.ok(formatOf({ [name]: [{ access_token: "x" }] }), name);
  }
  assert.ok(formatOf({ auths: { openai: { access_token: "x" } } }));
  assert.equal(formatOf({ accounts: [] }), undefined);
});
