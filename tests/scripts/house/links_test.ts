import assert from "node:assert/strict";
import { brokenLinks, unlistedPages } from "../../../scripts/house/links.ts";

const FILES = new Set(["README.md", "docs/b.md", "docs/a.md", "docs", "LICENSE"]);
const isThere = (path: string) => FILES.has(path.replace(/\/$/, ""));
const PAGE = "# One\n\n## A `b` & c, d\n\n## Twice\n\n## Twice\n";

/** `[a link of docs/b.md, what is wrong with it]` */
const LINKS: readonly (readonly [text: string, says: string | undefined])[] = [
  ["[x](a.md)", undefined],
  ["[x](../README.md)", undefined],
  ["[x](../LICENSE)", undefined],
  ["[x](../docs/)", undefined],
  ["[x](a.md#a-b--c-d)", undefined],
  ["[x](a.md#twice-1)", undefined],
  ["[x](#here)", undefined],
  ["[x](https://example.com/#any)", undefined],
  ["[x](mailto:a@example.com)", undefined],
  ["`[x](gone.md)`", undefined],
  ["```\n[x](gone.md)\n```", undefined],
  ["[x](gone.md)", "there is no such file"],
  ['[x](gone.md "title")', "there is no such file"],
  ["![x](gone.png)", "there is no such file"],
  ["[x]: gone.md", "there is no such file"],
  ["[x](../../out.md)", "there is no such file"],
  ["[x](a.md#gone)", "there is no such heading"],
  ["[x](a.md#twice-2)", "there is no such heading"],
  ["[x](#gone)", "there is no such heading"],
  ["[x](../LICENSE#mit)", "only a page has headings"],
  ["[x](https://)", "not a URL"],
];

for (const [link, says] of LINKS) {
  Deno.test(`brokenLinks() of ${JSON.stringify(link)}: ${says ?? "none"}`, () => {
    const page = { path: "docs/b.md", text: `# Here\n\n${link}\n` };
    const found = brokenLinks([{ path: "docs/a.md", text: PAGE }, page], isThere);
    assert.deepEqual(found.map(({ path, line, says }) => [path, line, says.split(": ").at(-1)]), [
      ...(says === undefined ? [] : [["docs/b.md", 3, says]]),
    ]);
  });
}

Deno.test("unlistedPages() finds the pages of docs/ that the index leaves out", () => {
  const files = [
    { path: "docs/README.md", text: "[a](a.md#x)\n" },
    { path: "docs/a.md", text: "" },
    { path: "docs/b.md", text: "" },
    { path: "docs/decisions/0001-x.md", text: "" },
  ];
  assert.deepEqual(unlistedPages(files).map(({ path }) => path), ["docs/b.md"]);
});
