/**
 * A key in words.
 * @module
 */

import { cellsOf, printable } from "../../screen/cells.ts";
import { Columns } from "../../screen/output.ts";
import { durationText, momentAndDistance } from "../../screen/durations.ts";
import type { Account, EvidenceView, ModelLimit, UsageWindow } from "./account.ts";
import { causeOf } from "./causes.ts";
import { fact, type Line } from "../../screen/line.ts";
import { clearedBy, currentWindows, isTokenOver, mendOf, ownWindows } from "./standing.ts";

/** A line each, in columns. What the terminal has no room for is left out, from the right. */
export function healthyLines(
  accounts: readonly Account[],
  { nowMs, width }: { nowMs: number; width: number },
): readonly Line[] {
  const rows = withoutEmptyColumns(accounts.map((account) => healthyCells(account, nowMs)));
  for (let columns = rows[0]?.length ?? 0; columns > 0; columns--) {
    const lines = new Columns().align(rows.map((row) => row.slice(0, columns))).map((line) => `  ${line}`);
    if (columns > 1 && lines.some((line) => cellsOf(line) > width)) continue;
    return lines.map((text) => ({ text, indent: 4 }));
  }
  return [];
}

function withoutEmptyColumns(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.map((row) => row.filter((_, column) => rows.some((other) => other[column] !== "")));
}

function healthyCells(account: Account, nowMs: number): readonly string[] {
  const { file, email, used, errors, tokenExpiresMs } = account;
  return [
    printable(file),
    `used ${used}`,
    `errors ${errors}`,
    ownWindows(account, nowMs).map(windowText).join(", "),
    tokenExpiresMs === undefined ? "" : `token ${durationText(tokenExpiresMs - nowMs)}`,
    printable(email ?? ""),
  ];
}

/** All that is known, a fact a line. */
export function troubledLines(account: Account, nowMs: number): readonly Line[] {
  const { file, email, plan, cause, evidence, untilMs, used, errors, tokenExpiresMs } = account;
  const windows = currentWindows(account, nowMs).map((window) => windowWithReset(window, nowMs));
  const facts: readonly (readonly [name: string, text: string | undefined])[] = [
    ["account", [email, plan].filter(Boolean).join(", ")],
    ["cause", cause === undefined ? undefined : causeText(cause)],
    ["evidence", evidence && evidenceText(evidence, nowMs)],
    ["until", untilMs === undefined ? undefined : momentAndDistance(untilMs, nowMs)],
    ["next trial", trialText(account, nowMs)],
    ...account.modelLimits.map((limit) => ["not for", modelLimitText(limit, nowMs)] as const),
    ["cleared by", clearedBy(account)],
    ["mend", mendOf(account, nowMs)],
    ["usage", windows.join("; ")],
    ["token", tokenExpiresMs === undefined ? undefined : tokenText(account, tokenExpiresMs, nowMs)],
    ["requests", `used ${used}, errors ${errors}`],
  ];
  return [
    { text: `  ${printable(file)}`, indent: 4 },
    ...facts.flatMap(([name, text]) => text ? [fact(name, text, { depth: 4 })] : []),
  ];
}

function causeText(code: string): string {
  const { says } = causeOf(code);
  return says === code ? code : `${says} (${code})`;
}

function evidenceText({ status, code, requestId, atMs }: EvidenceView, nowMs: number): string {
  const answer = status === undefined ? "inside a stream" : `status ${status}`;
  return `${answer}, ${code}, ${durationText(nowMs - atMs)} ago, ${requestId}`;
}

/** What the proxy tries by itself. An ejection that ends with the trial says so in one line. */
function trialText({ nextTrialMs, untilMs }: Account, nowMs: number): string | undefined {
  if (nextTrialMs === undefined) return undefined;
  if (nextTrialMs === untilMs) return "then";
  return nextTrialMs <= nowMs ? "now" : momentAndDistance(nextTrialMs, nowMs);
}

function tokenText(account: Account, expiresMs: number, nowMs: number): string {
  return `${isTokenOver(account, nowMs) ? "ended" : "good until"} ${momentAndDistance(expiresMs, nowMs)}`;
}

function modelLimitText({ model, code, untilMs }: ModelLimit, nowMs: number): string {
  return `${model} until ${momentAndDistance(untilMs, nowMs)}: ${causeText(code)}`;
}

function windowText({ limit, lengthMs, usedPercent }: UsageWindow): string {
  const name = lengthMs === undefined ? "window" : windowName(lengthMs);
  return `${limit === undefined ? "" : `${limit} `}${name} ${Math.round(100 - usedPercent)}% left`;
}

function windowWithReset(window: UsageWindow, nowMs: number): string {
  const { resetMs } = window;
  return windowText(window) + (resetMs === undefined ? "" : `, reset ${momentAndDistance(resetMs, nowMs)}`);
}

const WEEK_MS = 7 * 24 * 3600 * 1000;

function windowName(lengthMs: number): string {
  return lengthMs === WEEK_MS ? "weekly" : durationText(lengthMs);
}
