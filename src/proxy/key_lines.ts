/**
 * Keys that cannot be used as lines for a user of Codex: each with its cause and the command to type. Pure.
 * @module
 */

import type { KeyReport } from "../auth/key_report.ts";
import { stateWord } from "../auth/state_word.ts";
import { causeOf } from "../observability/causes.ts";
import { cellsOf, fitted, printable, shortenedFile } from "../screen/cells.ts";
import { highest } from "../values/extremes.ts";

// More would scroll the summary away.
const MAX_KEYS = 12;
// The cause is to stay beside it; the command below has the whole name.
const MAX_NAME_CELLS = 24;
const SEE_MORE = 'Type "cdx2 doctor" to see more.';

/**
 * A summary, each key with its cause and what to do about it, and where to see more.
 * @param refused the code by file of each key that was refused in this request, whether or not that ejected it
 */
export function keyLines(
  summary: string,
  reports: readonly KeyReport[],
  refused: ReadonlyMap<string, string>,
): string {
  const shown = reports.slice(0, MAX_KEYS);
  const nameOf = ({ record: { file } }: KeyReport) => shortenedFile(printable(file), MAX_NAME_CELLS);
  const width = highest(shown.map((report) => cellsOf(nameOf(report))));
  const lines = shown.flatMap((report) => {
    const { record: { file }, health: { state } } = report;
    const code = "cause" in state ? state.cause : refused.get(file);
    const fix = fixFor(report, code);
    const cause = `  ${fitted(nameOf(report), width)}  ${causeText(report, code)}`;
    return fix === undefined ? [cause] : [cause, `  ${" ".repeat(width)}  -> ${fix}`];
  });
  const more = reports.length - shown.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  return `${[summary, "", ...lines, ...rest, "", SEE_MORE].join("\n")}\n`;
}

/** The same where there are no keys: a summary, and how to add one. */
export function noKeyLines(summary: string): string {
  const ways = [
    "  cdx2 auth login    logs in with an account for the proxy alone",
    "  cdx2 auth import   borrows the login of Codex",
  ];
  return `${[summary, "", "Add one:", ...ways, "", SEE_MORE].join("\n")}\n`;
}

function causeText({ standing, health: { state } }: KeyReport, code: string | undefined): string {
  if (standing === "expired") return "expired: its token has expired";
  if (standing === "disabled") return "disabled";
  if (code === undefined) return "tried, and could not serve this request";
  const word = "cause" in state ? stateWord(state.kind) : "refused";
  const { says } = causeOf(code);
  return says === code ? `${word}: ${printable(says)}` : `${word}: ${says} (${code})`;
}

/** What the user can type; `undefined` when only time helps. */
function fixFor({ record: { file }, standing }: KeyReport, code: string | undefined): string | undefined {
  const name = file.replace(/\.json$/, "");
  // A name that a shell would read as more than one word is left for the user to quote.
  const key = /^[\w.,@+-]+$/.test(name) ? name : "KEY";
  if (standing === "disabled") return `use it again with "cdx2 auth enable ${key}"`;
  const about = standing === "expired" ? "token_expired" : code;
  return about === undefined ? undefined : causeOf(about).fix?.replace("KEY", key);
}
