import assert from "node:assert/strict";
import fc from "fast-check";
import { tuiAfter } from "../../src/observability/tui.ts";
import {
  listRows,
  newSincePause,
  selectedIndex,
  type TuiEvent,
  type TuiState,
} from "../../src/observability/tui/state.ts";
import type { AttemptRow } from "../../src/observability/tui/data.ts";
import { decodeKeys } from "../../src/system/keys.ts";
import { aKeyRow, anAnswer, anAttemptRow } from "../support/attempts.ts";
import { SECOND, T0 } from "../support/builders.ts";
import { arrival, attempts, story } from "../support/tui_story.ts";

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const PAGE_UP = "\x1b[5~";
const PAGE_DOWN = "\x1b[6~";
const HOME = "\x1b[H";
const END = "\x1b[F";
const ENTER = "\r";
const ESC = "\x1b";

function ids(rows: readonly AttemptRow[]): readonly number[] {
  return rows.map(({ id }) => id);
}

/** Ids of the attempts on the screen, the selected one in brackets. */
function look(state: TuiState): string {
  const rows = state.listing.listed;
  const selected = rows[selectedIndex(state, rows)];
  return rows.slice(state.top, state.top + listRows(state.size))
    .map((row) => row === selected ? `[${row.id}]` : String(row.id)).join(" ");
}

const TEN = arrival([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

const LOOKS: readonly [what: string, happenings: (string | TuiEvent)[], look: string][] = [
  ["shows the newest first", [arrival([1, 2]), arrival([3])], "[3] 2 1"],
  ["stays with the newest until another is selected", [TEN, arrival([11])], "[11] 10 9 8 7"],
  ["selects with the arrows", [TEN, DOWN + DOWN + UP], "10 [9] 8 7 6"],
  ["stops at both ends", [arrival([1, 2]), DOWN.repeat(5)], "2 [1]"],
  ["scrolls when the selection leaves the screen", [TEN, DOWN.repeat(6)], "8 7 6 5 [4]"],
  [
    "keeps the lines in place while the selection moves among them",
    [TEN, DOWN.repeat(6) + UP],
    "8 7 6 [5] 4",
  ],
  ["moves by pages", [TEN, PAGE_DOWN], "9 8 7 6 [5]"],
  ["moves back by pages", [TEN, END + PAGE_UP], "[6] 5 4 3 2"],
  ["goes to the oldest", [TEN, END], "5 4 3 2 [1]"],
  ["goes back to the newest and stays there", [TEN, END + HOME, arrival([11])], "[11] 10 9 8 7"],
  ["keeps the selected attempt when others arrive", [TEN, DOWN, arrival([11])], "11 10 [9] 8 7"],
  ["keeps the lines on the screen when others arrive", [TEN, END, arrival([11, 12])], "5 4 3 2 [1]"],
  ["moves the selection to the edge, not out, as others arrive", [
    TEN,
    DOWN,
    arrival([11]),
    arrival([12]),
    arrival([13]),
    arrival([14]),
  ], "13 12 11 10 [9]"],
  ["holds still while paused", [TEN, "p", arrival([11])], "[10] 9 8 7 6"],
  ["resumes after a pause", [TEN, "p", arrival([11]), "p"], "[11] 10 9 8 7"],
  ["keeps the selection in a list that is filtered", [TEN, DOWN, "/req_"], "10 [9] 8 7 6"],
  ["selects the newest match when the selected one does not match", [TEN, DOWN, "/req_10"], "[10]"],
  ["has the selection again when the filter is cleared", [TEN, DOWN, "/req_10" + ESC], "10 [9] 8 7 6"],
  ["moves in the list while the filter is typed", [TEN, "/re" + DOWN], "10 [9] 8 7 6"],
  ["makes room for the selection on a smaller screen", [
    TEN,
    DOWN.repeat(4),
    { kind: "resize", size: { columns: 80, rows: 6 } },
  ], "7 [6]"],
  ["uses a larger screen from its top", [
    TEN,
    END,
    { kind: "resize", size: { columns: 80, rows: 12 } },
  ], "8 7 6 5 4 3 2 [1]"],
  ["keeps attempts of an earlier run with the same ids apart", [
    arrival([1, 2]),
    DOWN,
    arrival([1, 2], { run: "run 2" }),
  ], "2 1 2 [1]"],
];

for (const [what, happenings, expected] of LOOKS) {
  Deno.test(`the view ${what}`, () => assert.equal(look(story(...happenings)), expected));
}

Deno.test("the view lists the attempts that match the filter, also when it is paused", () => {
  assert.deepEqual(ids(story(TEN, "/req_1").listing.listed), [10, 1]);
  assert.deepEqual(ids(story(arrival([1]), "p/req_1", arrival([10])).listing.listed), [1]);
});

const TYPED: readonly [keys: string, filter: string, page: string][] = [
  ["/ab", "ab", "filter"],
  ["/pq?k", "pq?k", "filter"],
  ["/aé\x7f", "a", "filter"],
  ["/a🟢\x7f", "a", "filter"],
  ["/ab\x15c", "c", "filter"],
  ["/ab" + ENTER, "ab", "list"],
  ["/ab" + ENTER + "/c", "abc", "filter"],
  ["/ab" + ESC, "", "list"],
  ["/ab" + ENTER + ESC, "", "list"],
  ["/" + "a".repeat(200), "a".repeat(100), "filter"],
];

for (const [keys, filter, page] of TYPED) {
  Deno.test(`typing ${JSON.stringify(keys).slice(0, 30)} edits the filter`, () => {
    const state = story(keys);
    assert.deepEqual([state.filter, state.page.kind], [filter, page]);
  });
}

const PAGES: readonly [keys: string, page: string][] = [
  ["k", "keys"],
  ["kk", "list"],
  ["k?", "help"],
  ["?" + ESC, "list"],
  ["?" + ENTER, "list"],
  ["k/", "filter"],
  [ENTER, "details"],
  [ENTER + ENTER, "list"],
  [ENTER + "k", "keys"],
];

for (const [keys, page] of PAGES) {
  Deno.test(`${JSON.stringify(keys)} leads to the page ${page}`, () => {
    assert.equal(story(arrival([1]), keys).page.kind, page);
  });
}

Deno.test("Enter without attempts leads nowhere", () => {
  assert.equal(story(ENTER).page.kind, "list");
});

Deno.test("Enter shows the request of the selected attempt, also when others arrive", () => {
  const { page } = story(TEN, DOWN + ENTER, arrival([11]));
  assert.deepEqual(page, { kind: "details", requestId: "req_9", top: 0 });
});

Deno.test("a page scrolls as far as it has lines", () => {
  const keys: TuiEvent = { kind: "keys", keys: Array.from({ length: 9 }, () => aKeyRow()) };
  const topAfter = (text: string) => {
    const { page } = story(keys, "k" + text);
    return "top" in page ? page.top : undefined;
  };
  assert.deepEqual([DOWN, DOWN + UP, UP, PAGE_DOWN, END, END + HOME].map(topAfter), [1, 0, 0, 4, 4, 0]);
});

for (
  const [keys, exitCode] of [["q", 0], ["\x03", 130], ["?q", 0], ["/q", undefined], ["/\x03", 130]] as const
) {
  Deno.test(`${JSON.stringify(keys)} ends with ${exitCode}`, () => {
    assert.equal(story(keys).exitCode, exitCode);
  });
}

Deno.test("a pause counts the attempts that have arrived since", () => {
  assert.equal(newSincePause(story(TEN, "p")), 0);
  assert.equal(newSincePause(story(TEN, "p", arrival([11, 12]))), 2);
  assert.equal(newSincePause(story("p", arrival([1, 2]))), 2);
});

Deno.test("the link is lost from the first missing answer of the proxy until the next answer", () => {
  const lost: TuiEvent = { kind: "lost", reason: "connection\nrefused" };
  const first = tuiAfter(story(TEN), lost, T0);
  const again = tuiAfter(first, lost, T0 + 5 * SECOND);
  assert.deepEqual(again.link, { kind: "lost", reason: "connection\\u{a}refused", sinceMs: T0 });
  assert.deepEqual(tuiAfter(again, arrival([]), T0).link, { kind: "live" });
});

const KNOWN: readonly [what: string, events: TuiEvent[], knownSinceMs: number][] = [
  ["all when they begin with the first one", [arrival([1, 2])], 0],
  ["since the oldest when there were others before", [arrival([5, 6])], T0 + 5 * SECOND],
  ["all when none is left out", [arrival([1, 2]), arrival([3])], 0],
  ["since the end of a gap", [arrival([1, 2]), arrival([4])], T0 + 4 * SECOND],
  ["all over a restart of the proxy", [arrival([1, 2]), arrival([1], { run: "run 2" })], 0],
];

for (const [what, events, knownSinceMs] of KNOWN) {
  Deno.test(`the view knows attempts: ${what}`, () => {
    assert.equal(story(...events).knownSinceMs, knownSinceMs);
  });
}

Deno.test("the view drops the oldest attempts, and is no longer complete before them", () => {
  const many = Array.from({ length: 2001 }, (_, index) => index + 1);
  const state = story(arrival(many));
  assert.deepEqual([state.attempts.length, state.attempts.at(-1)?.id], [2000, 2]);
  assert.equal(state.knownSinceMs, T0 + 2 * SECOND);
});

Deno.test("the view shows the selected attempt whatever happens", () => {
  const keys = [UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END, ENTER, ESC, "a", "p", "/", "1", "k", "?", "\x7f"];
  const happening = fc.oneof(
    fc.constantFrom(...keys),
    fc.integer({ min: 0, max: 12 }),
    fc.record({ columns: fc.integer({ min: 1, max: 100 }), rows: fc.integer({ min: 1, max: 30 }) }),
  );
  fc.assert(fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
    let lastId = 0;
    let state = story();
    for (const what of happenings) {
      const news = (count: number) => arrival(Array.from({ length: count }, () => ++lastId));
      const event = typeof what === "number"
        ? news(what)
        : typeof what === "string"
        ? { kind: "key", key: decodeKeys(what, true).keys[0]! } as const
        : { kind: "resize", size: what } as const;
      state = tuiAfter(state, event, T0);
      const rows = state.listing.listed;
      const index = selectedIndex(state, rows);
      assert.ok(state.top >= 0 && state.top <= Math.max(0, rows.length - 1));
      assert.ok(rows.length === 0 || (state.top <= index && index < state.top + listRows(state.size)));
    }
  }));
});

const RUNNING = anAttemptRow({ phase: "streaming", id: 0, requestId: "req_11", outcome: "" });

Deno.test("the selection stays with a running attempt when it ends", () => {
  const state = story(
    arrival([9, 10]),
    anAnswer([], { running: [{ ...RUNNING, requestId: "req_0" }, RUNNING] }),
    DOWN,
    anAnswer(attempts([11]), { running: [RUNNING] }),
  );
  assert.equal(state.selected?.requestId, "req_0");
  const ended = tuiAfter(state, anAnswer(attempts([12], { requestId: "req_0" })), T0);
  const rows = ended.listing.listed;
  assert.equal(rows[selectedIndex(ended, rows)]?.id, 12);
});
