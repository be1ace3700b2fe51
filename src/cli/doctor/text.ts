/**
 * A diagnosis as text: a healthy key in one line, any other with all that is known about it, and the counts again at the
 * end, because a long list scrolls its beginning away. Nothing is drawn, so that a screen reader and a pipe get the same
 * text as a terminal.
 * @module
 */

import type { Palette } from "../../screen/palette.ts";
import { stateWord } from "../../auth/state_word.ts";
import { counted, durationText } from "../../values/durations.ts";
import { groupOf, OUT_OF_SERVICE, STATES } from "../../api/account.ts";
import { healthyLines, troubledLines } from "./account_text.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { fact, type Line, wrapped } from "../../screen/line.ts";
import type { Check } from "./page.ts";
import { policyLines } from "./policy_text.ts";
import { isTroubled } from "./standing.ts";
import { entryOf } from "../../values/lookup.ts";

/** How the text is laid out. */
export interface TextOptions {
  /** Cells in a line; Infinity for a pipe, where each fact stays on its line so that grep finds it whole. */
  readonly width: number;
  readonly palette: Palette;
}

/** The answer of `doctor`. */
export function diagnosisText(diagnosis: Diagnosis, options: TextOptions): string {
  const { accounts, rejected, checks, nowMs } = diagnosis;
  if (isEmptyHome(diagnosis)) {
    return checks.flatMap(checkLines).map((line) => `${lineText(line, options)}\n`).join("");
  }
  const found = accounts.map((account) => groupOf(account, nowMs));
  const groups = [...new Set([...STATES, ...found.filter(isState), ...OUT_OF_SERVICE])];
  const sections: readonly (readonly [title: string, lines: readonly Line[]])[] = [
    ...groups.map((group) => [stateWord(group), groupLines(diagnosis, group, options.width)] as const),
    ["rejected files", rejected.map(({ file, reason }) => fact(file, reason ?? ""))],
    ["policy", policyLines(diagnosis.policy)],
    ["checks", checks.flatMap(checkLines)],
  ];
  const blocks = sections.filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [titleText(title, options), ...lines.map((line) => lineText(line, options))]);
  const head = headLines(diagnosis).map((line) => lineText(line, options));
  const end = lineText({ text: closing(diagnosis), indent: 0 }, options);
  return [head, ...blocks, [end]].map((lines) => lines.join("\n") + "\n").join("\n");
}

/** There is nothing to say but how to begin. */
function isEmptyHome({ service, accounts, rejected }: Diagnosis): boolean {
  return service.kind === "unasked" && accounts.length === 0 && rejected.length === 0;
}

function headLines({ service, nowMs, counts, accounts }: Diagnosis): readonly Line[] {
  if (service.kind === "unasked") {
    return [{ text: `${service.reason}; what follows comes from the files and the saved state`, indent: 2 }];
  }
  const { base_url, pid, version, started_at } = service.debug;
  const up = durationText(nowMs - Date.parse(started_at));
  // The states are always named, so that a script finds them; what is out of service only where there is some.
  const shown = Object.entries(counts).filter(([group, count]) => count > 0 || isState(group));
  const states = shown.map(([group, count]) => `${count} ${stateWord(group)}`).join(", ");
  return [
    { text: `cdx2 proxy at ${base_url} (pid ${pid}, version ${version}, up ${up})`, indent: 2 },
    { text: `${counted(accounts.length, "key")}: ${states}`, indent: 2 },
  ];
}

function isState(group: string): boolean {
  return !OUT_OF_SERVICE.some((known) => known === group);
}

function groupLines({ accounts, nowMs, renewals }: Diagnosis, group: string, width: number): readonly Line[] {
  const inGroup = accounts.filter((account) => groupOf(account, nowMs) === group);
  const isHard = (account: typeof inGroup[number]) => isTroubled(account, nowMs);
  return [
    ...healthyLines(inGroup.filter((account) => !isHard(account)), { nowMs, renewals, width }),
    ...inGroup.filter(isHard).flatMap((account) => troubledLines(account, { nowMs, renewals })),
  ];
}

function checkLines({ name, status, message, hint }: Check): readonly Line[] {
  const finding = fact(status, `${name}: ${message}`, { nameColumns: 7 });
  return hint === null ? [finding] : [finding, fact("", `hint: ${hint}`, { nameColumns: 7 })];
}

function closing({ accounts, counts, checks, service }: Diagnosis): string {
  const withStatus = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  return [
    service.kind === "unasked"
      ? "no key can be used without a running proxy"
      : `${counts["whitelist"]} of ${counted(accounts.length, "key")} can be used`,
    counted(withStatus("fail"), "failure"),
    counted(withStatus("warn"), "warning"),
  ].join(", ");
}

const COLOURS: Readonly<Record<string, "green" | "yellow" | "red">> = {
  probation: "yellow",
  cooldown: "yellow",
  blacklisted: "red",
  expired: "red",
  disabled: "yellow",
  "rejected files": "yellow",
  ok: "green",
  warn: "yellow",
  fail: "red",
};

function titleText(title: string, { palette }: TextOptions): string {
  return painted(title, palette.bold(title.charAt(0).toUpperCase() + title.slice(1)), palette);
}

/** Colours are added after wrapping, so that they take no room. */
function lineText(line: Line, { width, palette }: TextOptions): string {
  return wrapped(line, width).join("\n").replace(
    /^ {2}(ok|warn|fail)\b/,
    (_whole, status: string) => `  ${painted(status, status, palette)}`,
  );
}

function painted(word: string, text: string, palette: Palette): string {
  const colour = entryOf(COLOURS, word);
  return colour ? palette[colour](text) : text;
}
