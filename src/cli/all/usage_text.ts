/**
 * What is left of a key, as text: the parts of the cards, and the whole answer of `cdx2 all --plain`, for screen readers and
 * terminals that cannot draw.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import { windowsOf } from "./dashboard.ts";
import type { AccountView, DashboardView, WindowView } from "./page.ts";
import { durationText } from "../../screen/durations.ts";

/** A usage window with its label. */
export interface NamedWindow {
  /** `5h`, `Weekly`, or the length of another window: `30d`. */
  readonly label: string;
  readonly window: WindowView;
}

/** The windows of an account that `--only` selects, in the order in which they are shown. */
export function namedWindows({ five_hour, weekly, other_windows }: AccountView): readonly NamedWindow[] {
  return [
    ...(five_hour ? [{ label: "5h", window: five_hour }] : []),
    ...(weekly ? [{ label: "Weekly", window: weekly }] : []),
    ...other_windows.map((window) => ({ label: lengthText(window.window_seconds), window })),
  ];
}

function lengthText(seconds: number): string {
  return firstUnit(durationText(seconds * 1000));
}

// ChatGPT tokens live for ten days; one that is renewed never comes this close to its end.
const TOKEN_NOTICE_MS = 3 * 86_400_000;

/** The plan, whether the login is borrowed, and the time left of a token that soon expires; empty for none of these. */
export function aboutKey({ plan_type, borrowed, token_expires_at }: AccountView, nowMs: number): string {
  const leftMs = token_expires_at === null ? Infinity : Date.parse(token_expires_at) - nowMs;
  return [
    ...(plan_type === null ? [] : [printable(plan_type)]),
    ...(borrowed ? ["borrowed"] : []),
    ...(leftMs > 0 && leftMs < TOKEN_NOTICE_MS ? [`token ${firstUnit(durationText(leftMs))}`] : []),
  ].join(", ");
}

/** `2h` of `2h 5m`. */
export function firstUnit(duration: string): string {
  return duration.replace(/ .*/, "");
}

/** Percent left in the whole pool; `null` when it is not known for any key. */
export function poolLeft({ aggregate }: DashboardView): number | null {
  return aggregate.global_exhaustion === null ? null : 100 - aggregate.global_exhaustion;
}

/** Percent left in one window; `null` when it is not known. */
export function leftIn({ used_percent }: WindowView): number | null {
  return used_percent === null ? null : 100 - used_percent;
}

/** `60%`, `<1%` or `unknown`. */
export function percentText(percent: number | null): string {
  if (percent === null) return "unknown";
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}

/** `60% left`, then `beforeReset` and the time until the window resets, when that is known. */
export function windowText(window: WindowView, beforeReset: string): string {
  const left = leftIn(window);
  if (left === null) return "unknown";
  const { reset_after_seconds: seconds } = window;
  return `${percentText(left)} left${seconds === null ? "" : beforeReset + durationText(seconds * 1000)}`;
}

/** Text about the credits of an account that it can go on with; `undefined` when there are none. */
export function creditsText(account: AccountView): string | undefined {
  const { credits, limit_reached } = account;
  if (!credits?.has_credits) return undefined;
  const left = credits.unlimited
    ? "unlimited"
    : credits.balance === null
    ? "some left"
    : `${credits.balance} left`;
  const isInUse = limit_reached || windowsOf(account).some(({ used_percent }) => used_percent === 100);
  return isInUse ? `${left}, in use` : left;
}

/** Text about a limit that no window shows, such as one on credits; `undefined` when there is none. */
export function hiddenLimit(account: AccountView): string | undefined {
  if (account.credits?.has_credits) return undefined;
  const isExplained = windowsOf(account).some(({ used_percent }) => used_percent === 100);
  return account.limit_reached && !isExplained ? "reached, not in these windows" : undefined;
}

/** The whole answer, one fact per line. */
export function renderPlain(view: DashboardView): string {
  const paragraphs = view.accounts.map((account) =>
    accountLines(account, Date.parse(view.retrieved_at)).join("\n")
  );
  return [`Global left: ${percentText(poolLeft(view))}`, ...paragraphs].join("\n\n") + "\n";
}

function accountLines(account: AccountView, nowMs: number): readonly string[] {
  const { file, email, current, status, error, disabled, expired } = account;
  const credits = creditsText(account);
  const windows = namedWindows(account).map((
    { label, window },
  ) => [label, windowText(window, ", reset in ")]);
  const limit = hiddenLimit(account);
  const about = aboutKey(account, nowMs);
  const facts = [
    ["Email", `${email ?? "unknown"}${about === "" ? "" : ` (${about})`}`],
    ...(error === null ? windows : disabled ? [] : [["Error", error]]),
    ...(limit === undefined ? [] : [["Limit", limit]]),
    ...(credits === undefined ? [] : [["Credits", credits]]),
  ];
  const out = disabled ? ", disabled" : expired ? ", expired" : "";
  return [
    `${printable(file)}: ${status}${out}${current ? ", current" : ""}`,
    ...facts.map(([name, text = ""]) => `  ${name}: ${printable(text)}`),
  ];
}
