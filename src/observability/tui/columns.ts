/**
 * The columns of the live view's list. Model requests are told apart by their model, all requests by their path.
 * @module
 */

import { shortenedAtStart, shortenedFile } from "../../screen/cells.ts";
import { countText, durationText, latencyText, timeText } from "../../values/durations.ts";
import type { Column } from "../../screen/table.ts";
import type { AttemptRow } from "./data.ts";
import { outcomeWord, statusText } from "./words.ts";

/** What the columns depend on. */
export interface ColumnOptions {
  readonly showsAll: boolean;
  /** Some client has a name. */
  readonly hasClients: boolean;
  readonly nowMs: number;
}

/** The columns; {@link Column.rank} says which ones a narrow screen has. */
export function listColumns({ showsAll, hasClients, nowMs }: ColumnOptions): readonly Column<AttemptRow>[] {
  return [
    { title: "TIME", rank: 2, min: 8, max: 8, text: ({ atMs }) => timeText(atMs) },
    { title: "STATUS", rank: 1, min: 6, max: 6, text: statusText },
    { title: "LATENCY", rank: 5, min: 7, max: 7, align: "right", text: (row) => tookText(row, nowMs) },
    { title: "KEY", rank: 4, min: 7, max: 24, text: ({ file }) => file || "-", shorten: shortenedFile },
    { title: "OUTCOME", rank: 3, min: 13, max: 16, text: outcomeWord },
    { title: "TRY", rank: 7, min: 3, max: 4, text: ({ number }) => number === 0 ? "-" : `#${number}` },
    ...(hasClients ? [CLIENT] : []),
    showsAll ? REQUEST : MODEL,
    { title: "TOKENS", rank: 8, min: 6, max: 6, align: "right", text: outputText },
    { title: "ID", rank: 9, min: 24, max: 24, text: ({ requestId }) => requestId },
    { title: "ERROR", rank: 10, min: 12, max: 80, text: ({ error }) => error },
  ];
}

const REQUEST: Column<AttemptRow> = {
  title: "REQUEST",
  // Before the latency: other requests than those to a model are told apart by it alone.
  rank: 4.5,
  min: 16,
  max: 48,
  text: ({ method, path }) => `${method} ${path}`,
  // "POST …/responses" tells more than "POST /backend-ap…".
  shorten: (text, cells) => {
    const lead = text.slice(0, text.indexOf(" ") + 1);
    return lead + shortenedAtStart(text.slice(lead.length), cells - lead.length);
  },
};

const MODEL: Column<AttemptRow> = {
  title: "MODEL",
  rank: 6,
  // As long as "gpt-5.6-sol".
  min: 11,
  max: 30,
  text: ({ model, path }) => model || path,
  shorten: shortenedAtStart,
};

const CLIENT: Column<AttemptRow> = {
  title: "CLIENT",
  rank: 6.5,
  min: 6,
  max: 16,
  text: ({ client }) => client || "-",
};

/** How long it took, or how long it has been running. */
function tookText({ phase, atMs, latencyMs }: AttemptRow, nowMs: number): string {
  if (phase === "refused") return "-";
  return phase === "ended" ? latencyText(latencyMs) : durationText(nowMs - atMs);
}

function outputText({ tokens: { output } }: AttemptRow): string {
  return output === undefined ? "" : countText(output);
}
