import assert from "node:assert/strict";
import { hiddenCount, type TuiEvent, type TuiState } from "../../../src/observability/tui/state.ts";
import { anAnswer, anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";
import { arrival, attempts, story } from "../../support/tui_story.ts";

const OTHERS = { route: "models" };
const RUNNING = anAttemptRow({ phase: "streaming", id: 0, requestId: "req_11", outcome: "" });
const REFUSED = anAttemptRow({
  phase: "refused",
  id: 0,
  requestId: "req_r",
  number: 0,
  atMs: T0 + 1.5 * SECOND,
});

function phases(state: TuiState): string {
  return state.listing.listed.map(({ phase, id }) => phase === "ended" ? String(id) : phase).join(" ");
}

const LISTS: readonly [what: string, happenings: (string | TuiEvent)[], rows: string, hidden: number][] = [
  ["only requests to a model", [arrival([1]), arrival([2, 3], OTHERS)], "1", 2],
  ["all requests after a", [arrival([1]), arrival([2, 3], OTHERS), "a"], "3 2 1", 0],
  ["only requests to a model after a second a", [arrival([1]), arrival([2], OTHERS), "aa"], "1", 1],
  ["what is running above all", [arrival([1]), anAnswer([], { running: [RUNNING] })], "streaming 1", 0],
  [
    "an attempt once when it has ended",
    [
      anAnswer([], { running: [RUNNING] }),
      arrival([11]),
    ],
    "11",
    0,
  ],
  [
    "nothing as running after the proxy was lost",
    [
      anAnswer([], { running: [RUNNING] }),
      { kind: "lost", reason: "gone" },
    ],
    "",
    0,
  ],
  [
    "a refused request in its place",
    [arrival([1, 2]), anAnswer([], { refused: [REFUSED] })],
    "2 refused 1",
    0,
  ],
  [
    "a refused request once",
    [
      anAnswer([], { refused: [REFUSED] }),
      anAnswer([], { refused: [REFUSED] }),
    ],
    "refused",
    0,
  ],
  [
    "no refusal of a request that had attempts",
    [
      anAnswer(attempts([1]), { refused: [{ ...REFUSED, requestId: "req_1" }] }),
    ],
    "1",
    0,
  ],
  [
    "while paused, what was running then",
    [
      anAnswer(attempts([1]), { running: [RUNNING] }),
      "p",
      arrival([11]),
    ],
    "streaming 1",
    0,
  ],
];

for (const [what, happenings, rows, hidden] of LISTS) {
  Deno.test(`the view lists ${what}`, () => {
    const state = story(...happenings);
    assert.deepEqual([phases(state), hiddenCount(state)], [rows, hidden]);
  });
}
