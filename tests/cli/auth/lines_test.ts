import assert from "node:assert/strict";
import { authLines } from "../../../src/cli/auth/lines.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { authFileList } from "../../../src/api/auth_file_list.ts";
import type { AuthFile } from "../../../src/api/auth_files.ts";
import { aRecord, T0 } from "../../support/builders.ts";

const KEYS = authFileList({
  records: [
    aRecord("work", { plan: "plus", accountId: "1f2e3d4c-0000", expiresAtMs: T0 + 60_000 }),
    aRecord("lab", { accountId: undefined, email: undefined }),
  ],
  rejected: [{ file: "odd\x1b[2J.json", reason: "not valid JSON" }],
}, T0);

function lines(files: readonly AuthFile[], { width = Infinity, colours = 0 as 0 | 1, nowMs = T0 } = {}) {
  return authLines(files, { nowMs, width, palette: paletteOf(colours > 0) });
}

const TABLE = [
  "FILE       E-MAIL            PLAN  ACCOUNT    TOKEN",
  "lab.json   -                 -     -          no end known",
  "work.json  work@example.com  plus  1f2e3d4c…  expires in 1m",
  "",
  "Not usable:",
  "  odd\\u{1b}[2J.json: not valid JSON",
];

Deno.test("authLines() lists keys in columns, then other files, with control characters escaped", () => {
  assert.deepEqual(lines(KEYS), TABLE);
  assert.deepEqual(lines(KEYS, { width: 59 }), TABLE);
});

Deno.test("authLines() stacks the details when the columns do not fit", () => {
  assert.equal(
    lines(KEYS, { width: 58 }).slice(0, 2).join("\n"),
    "lab.json\n  no end known\nwork.json\n  work@example.com, plus, 1f2e3d4c…\n  expires in 1m",
  );
});

Deno.test("authLines() breaks what is too long for a narrow terminal between words", () => {
  const files = authFileList({
    records: [
      aRecord("work", { plan: "plus", email: "a.long.address@example.com", expiresAtMs: T0 + 60_000 }),
    ],
    rejected: [{ file: "odd.json", reason: "it is of another provider, and its token stays here" }],
  }, T0);
  assert.deepEqual(lines(files, { width: 30 }).join("\n").split("\n"), [
    "work.json",
    "  a.long.address@example.com,",
    "    plus, acct-work",
    "  expires in 1m",
    "",
    "Not usable:",
    "  odd.json: it is of another",
    "    provider, and its token",
    "    stays here",
  ]);
});

Deno.test("authLines() measures wide characters by their cells", () => {
  const files = authFileList({
    records: [aRecord("漢字漢字", { email: undefined, accountId: undefined })],
    rejected: [],
  }, T0);
  const [head] = lines(files);
  const width = head!.length + "no end known".length - "TOKEN".length;
  assert.equal(lines(files, { width }).length, 2);
  assert.match(lines(files, { width: width - 1 })[0]!, /^漢字漢字\.json\n/);
});

Deno.test("authLines() colours an expired key, and says that it is expired", () => {
  const red = lines(KEYS, { colours: 1, nowMs: T0 + 120_000 }).filter((line) => line.startsWith("\x1b[31m"));
  assert.equal(red.length, 1);
  assert.match(red[0]!, /work\.json.*expired 1m ago/);
});

Deno.test("authLines() lists a disabled key among the keys, and says so", () => {
  const files = authFileList({ records: [aRecord("off", { isDisabled: true })], rejected: [] }, T0);
  assert.match(lines(files).join("\n"), /^FILE .*\noff\.json .* disabled, no end known$/);
});

Deno.test("authLines() has no heading for an empty part", () => {
  assert.deepEqual(lines([]), []);
  assert.deepEqual(lines(KEYS.filter(({ usable }) => !usable)), TABLE.slice(-2));
});
