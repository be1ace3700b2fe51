/**
 * What is left of a key, as text: the parts of the cards, and the whole answer of `cdx2 all --plain`, for screen readers and
 * terminals that cannot draw.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import { nameOfRenewer, renewerText } from "../../credentials/renewal_standing.ts";
import { expiryText } from "../auth/expiry.ts";
import { windowsOf } from "./dashboard.ts";
import { percentText } from "./percent_text.ts";
import type { AccountView, DashboardView, WindowView } from "./page.ts";
import { durationText } from "../../values/durations.ts";
import { windowName } from "../window_name.ts";

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
    ...other_windows.map((window) => ({ label: windowName(window.window_seconds), window })),
  ];
}

/** The plan, and whether the login is borrowed; empty for neither. */
export function planAndOwner(account: AccountView): string {
  const { plan_type } = account;
  return [
    ...(plan_type === null ? [] : [printable(plan_type)]),
    ...(isOfSomebodyElse(account) ? ["borrowed"] : []),
  ].join(", ");
}

/** Whether the login is shown as borrowed. One that Codex renews is borrowed, too, but from this user's Codex. */
export function isOfSomebodyElse({ borrowed, renewal }: AccountView): boolean {
  return borrowed && renewal?.renewed_by !== "codex";
}

/** How long the token is good and who renews it: `9d cdx2`, `9d Codex`, or `ends 9d`; empty when it has no end. */
export function tokenText({ token_expires_at, renewal }: AccountView, nowMs: number): string {
  const leftMs = token_expires_at === null ? 0 : Date.parse(token_expires_at) - nowMs;
  if (leftMs <= 0) return "";
  const left = firstUnit(durationText(leftMs));
  if (renewal === null) return `token ${left}`;
  const renewer = nameOfRenewer({ by: renewal.renewed_by, home: renewal.home });
  return renewer === undefined ? `ends ${left}` : `${left} ${renewer}`;
}

/** What the user should do or know about the renewal of a key, and its name; `undefined` when all is well. */
export function renewalNotice(
  { renewal }: AccountView,
): { readonly label: string; readonly text: string } | undefined {
  if (!renewal?.warning) return undefined;
  return renewal.fix === null
    ? { label: "Token", text: renewal.warning }
    : { label: "Fix", text: renewal.fix };
}

/** `2h` of `2h 5m`. */
function firstUnit(duration: string): string {
  return duration.replace(/ .*/, "");
}

/** Percent left in the whole pool; `null` when it is not known for any key. */
export function poolLeft({ aggregate }: DashboardView): number | null {
  return aggregate.global_exhaustion === null ? null : 100 - aggregate.global_exhaustion;
}

/** `runs out in 3h 20m`, when the usage history says that it does within a week at the present rate; else empty. */
export function poolEnd({ forecast: { pool_runs_out_at: at, rates }, retrieved_at }: DashboardView): string {
  const inMs = at === null || rates === "mean" ? 0 : Date.parse(at) - Date.parse(retrieved_at);
  return inMs <= 0 ? "" : `runs out in ${durationText(inMs)}`;
}

/** Percent left in one window; `null` when it is not known. */
export function leftIn({ used_percent }: WindowView): number | null {
  return used_percent === null ? null : 100 - used_percent;
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

/** What is left of the pool, and when it runs out. */
export function poolHeading(view: DashboardView): string {
  const end = poolEnd(view);
  return `Global left: ${percentText(poolLeft(view))}${end === "" ? "" : `, ${end}`}`;
}

/** The whole answer, one fact per line. */
export function renderPlain(view: DashboardView): string {
  const paragraphs = view.accounts.map((account) =>
    accountLines(account, Date.parse(view.retrieved_at)).join("\n")
  );
  return [poolHeading(view), ...paragraphs].join("\n\n") + "\n";
}

function accountLines(account: AccountView, nowMs: number): readonly string[] {
  const { file, email, current, status, error, disabled, expired } = account;
  const credits = creditsText(account);
  const windows = namedWindows(account).map((
    { label, window },
  ) => [label, windowText(window, ", reset in ")]);
  const limit = hiddenLimit(account);
  const about = planAndOwner(account);
  const facts = [
    ["Email", `${email ?? "unknown"}${about === "" ? "" : ` (${about})`}`],
    ...(error === null ? windows : disabled ? [] : [["Error", error]]),
    ...(limit === undefined ? [] : [["Limit", limit]]),
    ...(credits === undefined ? [] : [["Credits", credits]]),
    ...tokenFacts(account, nowMs),
  ];
  const out = disabled ? ", disabled" : expired ? ", expired" : "";
  return [
    `${printable(file)}: ${status}${out}${current ? ", current" : ""}`,
    ...facts.map(([name, text = ""]) => `  ${name}: ${printable(text)}`),
  ];
}

function tokenFacts({ token_expires_at, renewal }: AccountView, nowMs: number): readonly [string, string][] {
  const facts: [string, string][] = [];
  if (token_expires_at !== null) {
    const renewer = renewal &&
      renewerText({ by: renewal.renewed_by, home: renewal.home, reason: renewal.reason });
    facts.push(["Token", expiryText(Date.parse(token_expires_at), nowMs) + (renewer ? `, ${renewer}` : "")]);
  }
  if (renewal?.warning) facts.push(["Warning", renewal.warning]);
  if (renewal?.fix) facts.push(["Fix", renewal.fix]);
  return facts;
}
