import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "fast-string-width";
import fc from "fast-check";
import { type CardOptions, renderCards } from "../../../src/cli/all/cards.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { type AskedKey, dashboardView } from "../../../src/cli/all/dashboard.ts";
import { aRecord, someCredits, T0 } from "../../support/builders.ts";
import { anAskedKey, aUsageWindow, noAnswer, withRenewal } from "../../support/asked_keys.ts";

const COLOURLESS = paletteOf(false);

function drawn(keys: readonly AskedKey[], options: Partial<CardOptions> = {}): string {
  const view = dashboardView(keys, {
    thresholds: { warn_at: 70, cooldown_at: 90, only: "both" },
    nowMs: T0,
  });
  return renderCards(view, { columns: 120, palette: COLOURLESS, ...options });
}

function called(file: string, email: string, key = anAskedKey("x")): AskedKey {
  return { ...key, record: aRecord(file, { file, email, token: aRecord(file).token }) };
}

const WORK = called(
  "work.json",
  "a@example.com",
  anAskedKey("work", { used: [40, 10], resets: [600, 90_000] }),
);
const HOME = called(
  "home.json",
  "b@example.com",
  anAskedKey("home", { used: [100, 10], resets: [7500, 90_000], usage: { allowed: false } }),
);
const LOST = called("lost.json", "c@example.com", noAnswer("lost", "token rejected (401)"));

Deno.test("renderCards() draws the picture of the contract", () => {
  assert.equal(
    drawn([HOME, WORK]),
    `\
Global left: 60%  ▰▰▰▰▰▰▱▱▱▱

║ Key    work.json 🟢                        │ Key    home.json 🔴
║ Email  ⭐ a@example.com                    │ Email  b@example.com
║ 5h     ▰▰▰▰▰▰▱▱▱▱  60% left | reset 10m    │ 5h     ▱▱▱▱▱▱▱▱▱▱  0% left | reset 2h 5m
║ Weekly ▰▰▰▰▰▰▰▰▰▱  90% left | reset 1d 1h  │ Weekly ▰▰▰▰▰▰▰▰▰▱  90% left | reset 1d 1h
╚══════════════════════════════════════════  ╰──────────────────────────────────────────
`,
  );
});

Deno.test("renderCards() says that a full key goes on with its credits, and that keys are disabled or expired", () => {
  const paid = anAskedKey("paid", {
    used: [100, 10],
    resets: [600, 90_000],
    usage: { allowed: false, credits: someCredits() },
  });
  const off = called("off.json", "o@example.com", noAnswer("off", "disabled"));
  const old = called("old.json", "e@example.com", noAnswer("old", "its token has expired: log in again"));
  const keys: AskedKey[] = [
    called("paid.json", "p@example.com", paid),
    { ...off, record: { ...off.record, isDisabled: true } },
    { ...old, record: { ...old.record, expiresAtMs: T0 - 1 } },
  ];
  assert.equal(
    drawn(keys, { columns: 60 }),
    `\
Global left: 45%  ▰▰▰▰▰▱▱▱▱▱

║ Key    paid.json 🟡
║ Email  ⭐ p@example.com
║ 5h     ▱▱▱▱▱▱▱▱▱▱  0% left | reset 10m
║ Weekly ▰▰▰▰▰▰▰▰▰▱  90% left | reset 1d 1h
║ Credit 12.50 left, in use
╚═══════════════════════════════════════════
│ Key    off.json ⚪
│ Email  o@example.com
│ State  disabled
╰───────────────────────────────────────────
│ Key    old.json ⚪
│ Email  e@example.com
│ State  expired
│ Error  its token has expired: log in again
╰───────────────────────────────────────────
`,
  );
});

Deno.test("renderCards() says who renews a key, and what to type when nobody can", () => {
  const keys = [
    withRenewal(WORK, T0 + 9 * 86_400_000),
    withRenewal(HOME, T0 + 3_600_000, {
      by: undefined,
      warning: "the issuer has refused its refresh token",
      fix: "cdx2 auth login --replace home",
    }),
    withRenewal(called("lab.json", "l@example.com"), T0 + 3_600_000, {
      warning: "its renewal failed: status 500",
    }),
  ];
  const text = drawn(keys, { columns: 60 });
  assert.match(text, /Key {4}work.json 🟢 9d cdx2$/m);
  assert.match(text, /Key {4}home.json 🔴 ends 1h$/m);
  assert.match(text, /^│ Fix {4}cdx2 auth login --replace home$/m);
  assert.match(text, /Token {2}its renewal failed: status 500$/m);
});

Deno.test("renderCards() shows why a key could not be asked, in a card as high as its neighbours", () => {
  assert.equal(
    drawn([WORK, LOST]),
    `\
Global left: 75%  ▰▰▰▰▰▰▰▰▱▱

║ Key    work.json 🟢                        │ Key    lost.json ⚪
║ Email  ⭐ a@example.com                    │ Email  c@example.com
║ 5h     ▰▰▰▰▰▰▱▱▱▱  60% left | reset 10m    │ Error  token rejected (401)
║ Weekly ▰▰▰▰▰▰▰▰▰▱  90% left | reset 1d 1h  │
╚══════════════════════════════════════════  ╰──────────────────────────────────────────
`,
  );
});

/** `[columns, cards side by side]` */
const WIDTHS: [number, number][] = [
  [40, 1],
  [77, 1],
  [80, 2],
  [87, 2],
  [88, 2],
  [120, 2],
  [133, 3],
  [178, 4],
  [
    200,
    4,
  ],
];

for (const [columns, perRow] of WIDTHS) {
  Deno.test(`renderCards() puts ${perRow} of five cards side by side in ${columns} columns`, () => {
    const keys = ["a", "b", "c", "d", "e"].map((name) =>
      anAskedKey(name, { used: [40, 10], resets: [600, 90_000] })
    );
    const lines = drawn(keys, { columns }).split("\n");
    assert.equal(lines[2]?.match(/Key/g)?.length, perRow);
    for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
  });
}

Deno.test('renderCards() leaves out the word "reset" where it does not fit', () => {
  assert.match(drawn([WORK], { columns: 43 }), /90% left \| reset 1d 1h$/m);
  assert.match(drawn([WORK], { columns: 42 }), /90% left \| 1d 1h$/m);
});

Deno.test("renderCards() gives a long name the room that is there, but no fewer cards in a row for it", () => {
  const long = called(`${"n".repeat(60)}.json`, `${"m".repeat(60)}@example.com`);
  const beside = drawn([long, WORK], { columns: 120 });
  assert.match(beside, /Key {4}n{23}…n{23} 🟢 /);
  assert.match(beside, /Email {2}⭐ m{46}… /);
  assert.match(drawn([long], { columns: 120 }), /n{60}\.json 🟢\n.*m{60}@example\.com\n/);
  assert.match(drawn([long, WORK], { columns: 60 }), /Key {4}n{24}…n{23} 🟢\n/);
  assert.match(drawn([long, WORK], { columns: Infinity }), /n{60}\.json 🟢\n/);
});

Deno.test("renderCards() moves the token to the next line before it shortens the name", () => {
  const lent = (file: string) => {
    const key = withRenewal(
      called(file, "a@example.com", anAskedKey("x", { used: [40, 10], usage: { planType: "plus" } })),
      T0 + 9 * 86_400_000,
    );
    return { ...key, isBorrowed: true };
  };
  const heads = drawn([lent("work.json"), lent("spare-of-the-team.json")], { columns: 80 }).split("\n");
  const [names, emails] = [heads[2]!, heads[3]!];
  assert.match(names, /^║ Key {4}spare-…-team 🟢 plus, borrowed {2,}│ Key {4}work\.json 🟢 plus, borrowed$/);
  assert.match(emails, /^║ Email {2}⭐ a@example\.com {2}9d cdx2 {2,}│ Email {2}a@example\.com {2}9d cdx2$/);
});

Deno.test("renderCards() counts cells, not characters", () => {
  const keys = [called("仕事用の鍵.json", "鍵🔑@例え.jp"), called("plain.json", "é@example.com")];
  const rows = drawn(keys).split("\n").slice(2, 6);
  const borders = rows.map((row) => stringWidth(row.slice(0, row.indexOf("│"))));
  assert.deepEqual(borders, [borders[0], borders[0], borders[0], borders[0]]);
  const cutName = drawn([called("鍵".repeat(40), "x@example.com"), WORK], { columns: 60 }).split("\n")[2]!;
  assert.match(cutName, /^║ Key {4}鍵{12}…鍵{11} 🟢$/);
});

Deno.test("renderCards() escapes control characters", () => {
  const text = drawn([called("a\x1b[2J\u202e.json", "x@example.com", noAnswer("x", "no\nanswer"))]);
  assert.match(text, /a\\u\{1b\}\[2J\\u\{202e\}\.json/);
  assert.match(text, /no\\u\{a\}answer/);
});

/** `[what, key, line]` */
const LINES: [string, AskedKey, string][] = [
  ["a window that it knows nothing of", monthly(99.5), "│5h     ▱▱▱▱▱▱▱▱▱▱  unknown"],
  ["a window of another length, nearly full", monthly(99.5), "│30d    ▰▱▱▱▱▱▱▱▱▱  <1% left | reset 10d"],
  ["a window that is full", monthly(100), "│30d    ▱▱▱▱▱▱▱▱▱▱  0% left | reset 10d"],
  [
    "a limit that no window shows",
    anAskedKey("x", { usage: { allowed: false } }),
    "│Limit  reached, not in these windows",
  ],
];

function monthly(usedPercent: number): AskedKey {
  return anAskedKey("x", { usage: { windows: [aUsageWindow(2_592_000, usedPercent, 864_000)] } });
}

for (const [what, key, line] of LINES) {
  Deno.test(`renderCards() shows ${what}`, () => {
    const lines = drawn([key]).split("\n").map((line) => line.replace(/^. /, "│"));
    assert.ok(lines.includes(line), lines.join("\n"));
  });
}

Deno.test("renderCards() colours by status, and so only repeats what the text says", () => {
  const coloured = drawn([WORK, HOME], { palette: paletteOf(true) });
  assert.ok(coloured.includes("\x1b[32m5h     ▰▰▰▰▰▰▱▱▱▱  60% left"));
  assert.ok(coloured.includes("\x1b[31m5h     ▱▱▱▱▱▱▱▱▱▱  0% left"));
  assert.equal(stripVTControlCharacters(coloured), drawn([WORK, HOME]));
});

Deno.test("renderCards() stays within any width of at least 40", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 90 });
  const percent = fc.integer({ min: 0, max: 100 });
  const key = fc.record({ file: name, email: name, used: fc.tuple(percent, percent), asked: fc.boolean() });
  const columns = fc.integer({ min: 40, max: 200 });
  fc.assert(fc.property(fc.array(key, { maxLength: 7 }), columns, (drawnKeys, columns) => {
    const keys = drawnKeys.map(({ file, email, used, asked }) =>
      called(file, email, asked ? anAskedKey("x", { used, resets: [17_999, 600_000] }) : noAnswer("x", email))
    );
    for (const line of drawn(keys, { columns }).split("\n")) assert.ok(stringWidth(line) <= columns, line);
  }));
});
