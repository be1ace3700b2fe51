/**
 * Keys as `doctor` prints them: one that is well in one line, one that is not with all that is known about it.
 * @module
 */

import { nameOfRenewer, type RenewalStanding, renewerText } from "../../credentials/renewal_standing.ts";
import { WEEK_S } from "../../auth/usage.ts";
import { cellsOf, printable } from "../../screen/cells.ts";
import { Columns } from "../../screen/table.ts";
import { durationText, momentAndDistance } from "../../values/durations.ts";
import {
  type Account,
  causeCode,
  isOwn,
  isTokenExpired,
  type ModelLimit,
  type UsageWindow,
} from "../../api/account.ts";
import { msOf } from "../../values/iso_time.ts";
import { causeOf } from "../../observability/causes.ts";
import { fact, type Line } from "../../screen/line.ts";
import { clearedBy, currentWindows, type DiagnosisMoment, fixFor, ownWindows } from "./standing.ts";

/** One line for each key, in columns. Columns for which the terminal has no room are left out, from the right. */
export function healthyLines(
  accounts: readonly Account[],
  { width, ...moment }: DiagnosisMoment & { readonly width: number },
): readonly Line[] {
  const rows = withoutEmptyColumns(accounts.map((account) => healthyCells(account, moment)));
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

function healthyCells(account: Account, { nowMs, renewals }: DiagnosisMoment): readonly string[] {
  const { file, email, used, errors, token_expires_at } = account;
  const expiresMs = msOf(token_expires_at);
  const renewal = renewals.get(file);
  const renewer = renewal && nameOfRenewer(renewal);
  return [
    printable(file),
    `used ${used}`,
    `errors ${errors}`,
    [priorityText(account), account.upstream && `at ${new URL(account.upstream).host}`].filter(Boolean).join(
      ", ",
    ),
    [...ownWindows(account, nowMs).map(windowText), ...creditsTexts(account)].join(", "),
    expiresMs === undefined
      ? ""
      : `token ${expiresMs > nowMs ? durationText(expiresMs - nowMs) : "expired"}` +
        (renewer === undefined ? "" : ` (${renewer})`),
    printable(email ?? ""),
  ];
}

/** All that is known about a key, one fact a line. */
export function troubledLines(account: Account, moment: DiagnosisMoment): readonly Line[] {
  const { nowMs, renewals } = moment;
  const { file, email, plan, evidence, until, used, errors, token_expires_at, model_limits } = account;
  const renewal = renewals.get(file);
  const code = causeCode(account);
  const windows = currentWindows(account, nowMs).map((window) => windowWithReset(window, nowMs));
  const usage = [...windows, ...creditsTexts(account)].join("; ");
  const facts: readonly (readonly [name: string, text: string | null | undefined])[] = [
    ["account", [email, plan].filter(Boolean).join(", ")],
    ["order", priorityText(account)],
    ["upstream", account.upstream],
    ["cause", code && causeText(code)],
    ["evidence", evidence && evidenceText(evidence, nowMs)],
    ["until", until && momentAndDistance(Date.parse(until), nowMs)],
    ["next trial", trialText(account, nowMs)],
    ...model_limits.map((limit) => ["not for", modelLimitText(limit, nowMs)] as const),
    ["cleared by", clearedBy(account)],
    ["fix", fixFor(account, moment)],
    ["usage", usage],
    ["token", token_expires_at && tokenText(account, Date.parse(token_expires_at), nowMs)],
    ["renewal", renewal && renewalText(renewal)],
    ["requests", `used ${used}, errors ${errors}`],
  ];
  return [
    { text: `  ${printable(file)}`, indent: 4 },
    ...facts.flatMap(([name, text]) => text ? [fact(name, text, { depth: 4 })] : []),
  ];
}

/** Nothing for the priority that a key has when nobody set one. */
function priorityText({ priority }: Account): string | undefined {
  return priority ? `priority ${priority}` : undefined;
}

function causeText(code: string): string {
  const { says } = causeOf(code);
  return says === code ? code : `${says} (${code})`;
}

function evidenceText(
  { status, code, request_id, at }: NonNullable<Account["evidence"]>,
  nowMs: number,
): string {
  const answer = status === null ? "inside a stream" : `status ${status}`;
  return `${answer}, ${code}, ${durationText(nowMs - Date.parse(at))} ago, ${request_id}`;
}

/** When the proxy tries the key by itself. An ejection that ends with the trial has named the time already. */
function trialText({ next_trial_at, until }: Account, nowMs: number): string | undefined {
  const nextTrialMs = msOf(next_trial_at);
  if (nextTrialMs === undefined) return undefined;
  if (next_trial_at === until) return "then";
  return nextTrialMs <= nowMs ? "now" : momentAndDistance(nextTrialMs, nowMs);
}

function tokenText(account: Account, expiresMs: number, nowMs: number): string {
  return `${isTokenExpired(account, nowMs) ? "expired" : "good until"} ${
    momentAndDistance(expiresMs, nowMs)
  }`;
}

function renewalText(renewal: RenewalStanding): string {
  const { warning } = renewal;
  const isSaid = warning === undefined || warning === renewal.reason;
  return renewerText(renewal) + (isSaid ? "" : `; ${warning}`);
}

function modelLimitText({ model, reason, until }: ModelLimit, nowMs: number): string {
  return `${model} until ${momentAndDistance(Date.parse(until), nowMs)}: ${causeText(reason)}`;
}

function windowText(window: UsageWindow): string {
  const { limit, limit_window_seconds: seconds, used_percent } = window;
  const name = seconds === null ? "window" : windowName(seconds);
  return `${isOwn(window) ? "" : `${limit} `}${name} ${Math.round(100 - used_percent)}% left`;
}

function creditsTexts({ usage }: Account): readonly string[] {
  const credits = usage?.credits;
  if (!credits?.has_credits) return [];
  return [credits.unlimited ? "unlimited credits" : `credits ${printable(credits.balance ?? "left")}`];
}

function windowWithReset(window: UsageWindow, nowMs: number): string {
  const resetMs = msOf(window.reset_at);
  return windowText(window) + (resetMs === undefined ? "" : `, reset ${momentAndDistance(resetMs, nowMs)}`);
}

function windowName(seconds: number): string {
  return seconds === WEEK_S ? "weekly" : durationText(seconds * 1000);
}
