import assert from "node:assert/strict";
import { coverageOf } from "../../../scripts/house/doc_coverage.ts";

const documented = { declarationKind: "export", jsDoc: { doc: "What it is." } };
const bare = { declarationKind: "export" };

Deno.test("coverageOf() counts the exports of each room, and those with JSDoc", () => {
  const nodes = {
    "file:///home/me/src/cdx2/src/auth/a.ts": {
      symbols: [{ name: "a", declarations: [documented] }, { name: "b", declarations: [bare] }],
    },
    "file:///home/me/src/cdx2/src/auth/limits/b.ts": {
      symbols: [
        { name: "overloaded", declarations: [bare, documented] },
        { name: "onlyTags", declarations: [{ declarationKind: "export", jsDoc: {} }] },
        { name: "own", declarations: [{ declarationKind: "private" }] },
      ],
    },
    "file:///home/me/src/cdx2/src/api/c.ts": { symbols: [{ name: "c", declarations: [documented] }] },
  };
  assert.deepEqual(coverageOf({ nodes }), [
    { room: "api", exports: 1, documented: 1 },
    { room: "auth", exports: 4, documented: 2 },
  ]);
});
