/**
 * A replay as text: what was recorded beside what would have happened, then the assumptions.
 * @module
 */

import { fitted, printable } from "../../screen/cells.ts";
import type { Tally } from "../../replay/history.ts";
import type { Palette } from "../../screen/palette.ts";
import { Columns } from "../../screen/table.ts";
import { counted, durationText, momentText } from "../../values/durations.ts";
import { type Line, wrapped } from "../../screen/line.ts";
import type { ReplayReport } from "./replay.ts";

/** Where the text is shown. */
export interface ReplayTextOptions {
  /** The maximum number of cells in a line; Infinity for a pipe. */
  readonly width: number;
  readonly palette: Palette;
  readonly nowMs: number;
}

/** The whole text, with its line ends. */
export function replayText(report: ReplayReport, { width, palette, nowMs }: ReplayTextOptions): string {
  const lay = (lines: readonly Line[]) => lines.flatMap((line) => wrapped(line, width));
  const table = tableLines(report.recorded, report.replayed);
  const blocks = [
    [palette.bold("Replay"), ...lay(headLines(report, nowMs))],
    [palette.bold(table[0]!), ...table.slice(1)],
    [palette.bold("Assumed"), ...lay(report.notes.map((note) => ({ text: `  - ${note}`, indent: 4 })))],
  ];
  return blocks.map((lines) => lines.join("\n") + "\n").join("\n");
}

function headLines(
  { path, recording, period, rules, recorded }: ReplayReport,
  nowMs: number,
): readonly Line[] {
  const { fromMs, toMs } = period;
  const others = Object.entries(rules).filter(([, { source }]) => source !== "default")
    .map(([name, { value, source }]) =>
      `${name}=${value}${source === "flag" ? "" : ` (${source.replace("_", " ")})`}`
    );
  const facts = [
    `${printable(path)}: ${counted(recorded.requests, "request")}, ${
      counted(recorded.sessions, "session")
    }, ${counted(recording.keys.length, "key")}`,
    `${momentText(fromMs, nowMs)} to ${momentText(toMs, nowMs)} (${durationText(toMs - fromMs)})`,
    `replayed with ${["the defaults", ...others].join(", ")}`,
  ];
  return facts.map((text) => ({ text: `  ${text}`, indent: 4 }));
}

function tableLines(recorded: Tally, replayed: Tally): readonly string[] {
  const row = (name: string, count: (tally: Tally) => number) =>
    [name, count(recorded), count(replayed)] as const;
  const part = (counts: (tally: Tally) => Readonly<Record<string, number>>) =>
    namesOf(counts(recorded), counts(replayed)).map((name) =>
      row(`  ${printable(name)}`, (tally) => counts(tally)[name] ?? 0)
    );
  const rows = [
    row("requests", ({ requests }) => requests),
    row("  served", ({ served }) => served),
    ...part(({ refused }) => refused).map(([name, ...counts]) =>
      [`  refused: ${name.trim()}`, ...counts] as const
    ),
    row("attempts", ({ attempts }) => attempts),
    ...part(({ outcomes }) => outcomes),
    row("key changes of sessions", ({ keyChanges }) => keyChanges),
    row("cooldowns", ({ cooldowns }) => cooldowns),
    row("times blacklisted", ({ ejections }) => ejections),
    row("picks", ({ attempts }) => attempts),
    ...part(({ picks }) => picks),
  ];
  const cells = rows.map(([name, ...counts]) => [name, ...counts.map(String)]);
  return new Columns().align([["", "recorded", "replayed"], ...cells.map(rightAligned)]);
}

const COUNT_CELLS = "recorded".length;

function rightAligned([name = "", ...counts]: readonly string[]): readonly string[] {
  return [name, ...counts.map((count) => fitted(count, Math.max(COUNT_CELLS, count.length), "right"))];
}

function namesOf(...counts: readonly Readonly<Record<string, number>>[]): readonly string[] {
  return [...new Set(counts.flatMap((each) => Object.keys(each)))].sort();
}
