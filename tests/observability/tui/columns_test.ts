import assert from "node:assert/strict";
import { listColumns } from "../../../src/observability/tui/columns.ts";
import type { AttemptRow } from "../../../src/observability/tui/data.ts";
import { fitTable } from "../../../src/screen/table.ts";
import { anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";

/** A row's cells besides the time, as the list shows them at 77 cells. */
function lineOf(row: Partial<AttemptRow>, showsAll = false): string {
  const whole = anAttemptRow(row);
  const { line } = fitTable(
    listColumns({ showsAll, hasClients: row.client !== undefined, nowMs: T0 + 12 * SECOND }),
    [whole],
    77,
  );
  return line(whole).slice("hh:mm:ss ".length).trimEnd();
}

const LONG = "/backend-api/codex/responses";

const LINES: readonly [row: Partial<AttemptRow>, showsAll: boolean, line: string][] = [
  [{ model: "gpt-5.5" }, false, "200      812ms work.json ok            #1  gpt-5.5"],
  [{ client: "lea", model: "m" }, false, "200 812ms work.json ok #1 lea m"],
  [{ path: LONG }, false, "200      812ms work.json ok            #1  …i/codex/responses"],
  [{ path: LONG, model: "m" }, true, "200      812ms work.json ok            #1  POST …ex/responses"],
  [
    { phase: "streaming", status: undefined, outcome: "", model: "m", tokens: counts(1234) },
    false,
    "…          12s work.json streaming     #1  m                  1.2k",
  ],
  [
    { phase: "of a newer version", status: undefined, outcome: "", model: "m", file: "" },
    false,
    "…          12s -         of a newer vers… #1  m",
  ],
];

function counts(output: number) {
  return { input: undefined, cached: undefined, output };
}

for (const [row, showsAll, line] of LINES) {
  Deno.test(`the list shows "${line}"`, () => {
    assert.equal(lineOf(row, showsAll).replace(/ +/g, " "), line.replace(/ +/g, " "));
  });
}

const LONG_NAME = "a-very-long-name-of-a-key-that-someone-chose-for-his-team-1.json";

/** `[width of the screen, name of the key, model, the line]` */
const SIZES: readonly [columns: number, file: string, model: string, line: string][] = [
  [60, "work.json", "gpt-5.6-sol", "200      812ms work    ok            gpt-5.6-sol"],
  [60, LONG_NAME, "gpt-5.6-sol", "200      812ms a-v…m-1 ok            gpt-5.6-sol"],
  [80, LONG_NAME, "gpt-5.6-sol", "200      812ms a-very-l…-team-1 ok            #1  gpt-5.6-sol    310"],
  [
    80,
    LONG_NAME,
    "gpt-5.6-codex-max",
    "200      812ms a-very…eam-1 ok            #1  …-5.6-codex-max    310",
  ],
  [
    80,
    "日本語の鍵の名前🔑.json",
    "gpt-5.6-sol",
    "200      812ms 日本語の…名前🔑  ok            #1  gpt-5.6-sol    310",
  ],
];

for (const [columns, file, model, text] of SIZES) {
  Deno.test(`at ${columns} columns the list shows "${text}"`, () => {
    const row = anAttemptRow({ file, model, tokens: counts(310) });
    const { line } = fitTable(
      listColumns({ showsAll: false, hasClients: false, nowMs: T0 }),
      [row],
      columns - 3,
    );
    assert.equal(line(row).slice("hh:mm:ss ".length).trimEnd(), text);
  });
}
