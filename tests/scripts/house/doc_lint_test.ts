import assert from "node:assert/strict";
import { docBreaches, parseDocLint } from "../../../scripts/house/doc_lint.ts";

Deno.test("parseDocLint() reads errors with their place and the type that is not exported", () => {
  const output = `error[private-type-ref]: public type 'A["b"]' references private type 'B'
  --> /home/me/src/cdx2/src/auth/a.ts:22:3
   |
22 |   readonly b: B;
   |   ^

error[missing-jsdoc]: exported symbol is missing JSDoc documentation
   --> C:\\cdx2\\src\\auth\\b.ts:7:12

error: Found 2 documentation lint errors.
`;
  assert.deepEqual(parseDocLint(output).map(({ path, line, rule, type }) => [path, line, rule, type]), [
    ["src/auth/a.ts", 22, "private-type-ref", "B"],
    ["src/auth/b.ts", 7, "missing-jsdoc", undefined],
  ]);
});

Deno.test("docBreaches() finds what has no JSDoc and hides its own types, and forgives types of packages", async () => {
  const root = await Deno.makeTempDir({ prefix: "cdx2-test-" });
  const files = [
    {
      path: "src/auth/a.ts",
      text: "type Own = 1;\n/** A. */\nexport const a: Own = 1;\nexport const b: number = 1;\n",
    },
    { path: "src/auth/c.ts", text: "/** C. */\nexport const c: number = 1;\n" },
    { path: "src/api/d.ts", text: "/** D. */\nexport const d = Number(1);\n" },
  ];
  try {
    for (const folder of ["src/auth", "src/api"]) await Deno.mkdir(`${root}/${folder}`, { recursive: true });
    for (const { path, text } of files) await Deno.writeTextFile(`${root}/${path}`, text);
    const found = await docBreaches(root, files);
    assert.deepEqual(found.map(({ path, line, says }) => `${path}:${line} ${says.split(":")[0]}`).sort(), [
      "src/auth/a.ts:3 private-type-ref",
      "src/auth/a.ts:4 missing-jsdoc",
    ]);
    assert.equal((await docBreaches(root, [files[1]!])).length, 0);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
