import assert from "node:assert/strict";
import fc from "fast-check";
import { looksKnown } from "../../src/proxy/lookalike.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const KNOWN = ["/debug", "/auth-files", "/shutdown"];
const isKnown = (path: string) => KNOWN.includes(path);

const ALIKE = [
  "/debug/",
  "//debug",
  "///debug//",
  "/DEBUG",
  "/Debug",
  "/%64ebug",
  "/%44EBUG",
  "/%2564ebug",
  "/debug%2f",
  "/%2fdebug",
  "/debug%20",
  "/debug%00",
  "/debug%09",
  "/debug.",
  "/debug;",
  "/de%62ug/",
  "\\debug",
  "/auth%2dfiles",
  "/Auth-Files/",
  "/SHUTDOWN",
];
const OTHERS = [
  "/debug",
  "/",
  "",
  "/v1/debug",
  "/debugger",
  "/debug/x",
  "/v1/responses",
  "/%",
  "/%zz",
  "/auth_files",
];

for (const path of ALIKE) {
  Deno.test(`looksKnown() sees through ${path}`, () => assert.ok(looksKnown(path, isKnown)));
}

for (const path of OTHERS) {
  Deno.test(`looksKnown() takes ${path || "an empty path"} as it is`, () =>
    assert.ok(!looksKnown(path, isKnown)));
}

Deno.test("looksKnown() takes any text", () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      looksKnown(path, isKnown);
    }),
    { numRuns: fuzzRuns() },
  );
});
