/**
 * The answer of `cdx2 all --brief`: one line per key.
 * @module
 */

import { printable, shortenedFile } from "../../screen/cells.ts";
import { durationText } from "../../values/durations.ts";
import { type Column, fitTable } from "../../screen/table.ts";
import { type CardOptions, EMOJI } from "./cards.ts";
import type { AccountView, DashboardView, WindowView } from "./page.ts";
import { percentText } from "./percent_text.ts";
import {
  creditsText,
  isOfSomebodyElse,
  leftIn,
  poolHeading,
  renewalNotice,
  tokenText,
} from "./usage_text.ts";

// A pipe gets all columns.
const PIPE_CELLS = 200;

/** The text, with a line end at its end. */
export function renderBrief(view: DashboardView, { columns, palette }: CardOptions): string {
  const { accounts, retrieved_at } = view;
  const table = fitTable(columnsFor(view, Date.parse(retrieved_at)), accounts, Math.min(columns, PIPE_CELLS));
  const lines = accounts.map((account) => {
    const line = table.line(account).trimEnd();
    return account.current ? palette.bold(line) : line;
  });
  return [poolHeading(view), palette.underline(table.heading.trimEnd()), ...lines]
    .join("\n") + "\n";
}

function columnsFor({ thresholds: { only } }: DashboardView, nowMs: number): readonly Column<AccountView>[] {
  const five: readonly Column<AccountView>[] = [
    { title: "5H", rank: 3, min: 4, max: 7, align: "right", text: ({ five_hour }) => leftText(five_hour) },
    {
      title: "RESET",
      rank: 5,
      min: 7,
      max: 7,
      align: "right",
      text: ({ five_hour }) => resetText(five_hour),
    },
  ];
  const week: readonly Column<AccountView>[] = [
    { title: "WEEK", rank: 4, min: 4, max: 7, align: "right", text: ({ weekly }) => leftText(weekly) },
    { title: "RESET", rank: 6, min: 7, max: 7, align: "right", text: ({ weekly }) => resetText(weekly) },
  ];
  return [
    {
      title: "",
      rank: 1,
      min: 4,
      max: 4,
      text: ({ current, status }) => (current ? "⭐" : "  ") + EMOJI[status],
    },
    { title: "KEY", rank: 2, min: 8, max: 30, text: ({ file }) => printable(file), shorten: shortenedFile },
    ...(only === "weekly" ? [] : five),
    ...(only === "5h" ? [] : week),
    { title: "PLAN", rank: 8, min: 5, max: 12, text: ({ plan_type }) => printable(plan_type ?? "-") },
    { title: "TOKEN", rank: 9, min: 9, max: 9, text: (account) => tokenText(account, nowMs) || "-" },
    { title: "NOTE", rank: 7, min: 8, max: 60, text: noteText },
  ];
}

function leftText(window: WindowView | null): string {
  const left = window && leftIn(window);
  return left === null ? "?" : percentText(left);
}

function resetText(window: WindowView | null): string {
  const seconds = window?.reset_after_seconds ?? null;
  return seconds === null ? "-" : durationText(seconds * 1000);
}

/** What a user should do or know, first what stops the key: the end is cut where the terminal is narrow. */
function noteText(account: AccountView): string {
  const { disabled, expired, error } = account;
  const notice = renewalNotice(account);
  const credits = creditsText(account);
  return [
    ...(disabled ? ["disabled"] : []),
    ...(expired ? ["expired"] : []),
    ...(credits === undefined ? [] : [`credits ${credits}`]),
    ...(notice ? [printable(notice.text)] : []),
    ...(error === null || disabled ? [] : [printable(error)]),
    ...(isOfSomebodyElse(account) ? ["borrowed"] : []),
  ].join(", ");
}
