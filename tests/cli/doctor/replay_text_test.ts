import assert from "node:assert/strict";
import type { ReplayReport } from "../../../src/cli/doctor/replay.ts";
import { replayText } from "../../../src/cli/doctor/replay_text.ts";
import { paletteFor } from "../../../src/screen/output.ts";
import type { Tally } from "../../../src/replay/history.ts";
import { readRecording } from "../../../src/replay/recording.ts";
import { SECOND, T0 } from "../../support/builders.ts";
import { aRecordedDay } from "../../support/recorded_day.ts";

const TALLY: Tally = {
  requests: 1204,
  served: 1200,
  refused: { usage_limit_reached: 4 },
  attempts: 1210,
  outcomes: { ok: 1200, rate_limited: 10 },
  picks: { "dead.json": 10, "work.json": 1200 },
  sessions: 7,
  keyChanges: 3,
  cooldowns: 2,
  ejections: 0,
};

const REPORT: ReplayReport = {
  path: "/logs/events.jsonl",
  recording: readRecording(aRecordedDay()),
  period: { fromMs: T0, toMs: T0 + 3725 * SECOND },
  rules: {
    rotation: { value: "request", source: "flag" },
    hold_seconds: { value: 5, source: "env_file" },
    cooldown_seconds: { value: 30, source: "default" },
  },
  recorded: TALLY,
  replayed: { ...TALLY, refused: { no_usable_keys: 5 }, picks: { "work.json": 1210 } },
  notes: ["the first assumption, which is a little longer than its line", "the second"],
};

function linesOf(width = Infinity): string[] {
  const palette = paletteFor(false, { allowsColour: false, env: {} });
  return replayText(REPORT, { width, palette, nowMs: T0 }).split("\n");
}

Deno.test("replayText() shows what was recorded beside what would have happened", () => {
  const lines = linesOf();
  assert.deepEqual(
    lines.slice(lines.findIndex((line) => line.includes("recorded")), lines.indexOf("Assumed") - 1),
    [
      "                                recorded  replayed",
      "requests                            1204      1204",
      "  served                            1200      1200",
      "  refused: no_usable_keys              0         5",
      "  refused: usage_limit_reached         4         0",
      "attempts                            1210      1210",
      "  ok                                1200      1200",
      "  rate_limited                        10        10",
      "key changes of sessions                3         3",
      "cooldowns                              2         2",
      "times blacklisted                      0         0",
      "picks                               1210      1210",
      "  dead.json                           10         0",
      "  work.json                         1200      1210",
    ],
  );
});

Deno.test("replayText() says what was replayed, and with which rules", () => {
  const [title, file, , rules] = linesOf();
  assert.deepEqual([title, file, rules], [
    "Replay",
    "  /logs/events.jsonl: 1204 requests, 7 sessions, 2 keys",
    "  replayed with the defaults, rotation=request, hold_seconds=5 (env file)",
  ]);
});

Deno.test("replayText() ends with what it rests on, broken to the width", () => {
  assert.deepEqual(linesOf(50).slice(-5), [
    "Assumed",
    "  - the first assumption, which is a little longer",
    "    than its line",
    "  - the second",
    "",
  ]);
});
