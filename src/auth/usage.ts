/**
 * What an account has used of its limits, read from the answer to `/wham/usage` (field names of Codex CLI 0.169.0). A
 * window is identified by its length and never by its place: some plans have the weekly one as primary.
 * @module
 */

import { isObject, member, numberOf, scalarText } from "../values/json.ts";
import { areUsable, type Credits, creditsIn } from "./credits.ts";

/** The length of the 5-hour window, in seconds. */
export const FIVE_HOURS_S = 18_000;
/** The length of the weekly window, in seconds. */
export const WEEK_S = 604_800;

/** How full one usage window is. */
export interface UsageWindow {
  /** {@link FIVE_HOURS_S}, {@link WEEK_S}, or another length that a plan has. */
  readonly windowSeconds: number;
  /** The share that is used, from 0 to 100. */
  readonly usedPercent: number;
  /**
   * When the window starts again, epoch milliseconds, later than the reading; `undefined` when the page does not say.
   */
  readonly resetAtMs: number | undefined;
}

/** A limit with its windows. */
export interface UsageLimit {
  /** False when the upstream says that this limit is reached. */
  readonly allowed: boolean;
  /** Those whose length and use are known. */
  readonly windows: readonly UsageWindow[];
}

/** A limit besides the account's own, such as that of one model family. */
export interface AdditionalLimit extends UsageLimit {
  /** For display: `GPT-Spark`. */
  readonly name: string;
  /** The id that headers and events use: `codex_bengalfox`. */
  readonly feature: string;
}

/** The account's own limit, and what else the answer says. */
export interface Usage extends UsageLimit {
  /** The plan, as the upstream calls it; `undefined` when the page does not say. */
  readonly planType: string | undefined;
  /** The account's e-mail; `undefined` when the page does not say. */
  readonly email: string | undefined;
  /** Limits besides the account's own. */
  readonly additional: readonly AdditionalLimit[];
  /** The account's credits; `undefined` when the page does not say. */
  readonly credits: Credits | undefined;
}

/** Whether the account may go on: within its limits, or else on its credits. */
export function permitsRequests({ allowed, credits }: Pick<Usage, "allowed" | "credits">): boolean {
  return allowed || areUsable(credits);
}

/** The result of asking for the usage of one key. */
export type UsageAnswer =
  | { readonly kind: "usage"; readonly usage: Usage }
  /** `reason` is a few words for the user. */
  | { readonly kind: "failed"; readonly reason: string };

/**
 * The farthest reset that is believed, milliseconds from now: the longest window in use is a month, and 35 days have
 * been seen. A later time is in another unit, or wrong.
 */
export const FARTHEST_RESET_MS = 40 * 24 * 3600 * 1000;
// A longer text is not a label, and must not fill the screen.
const MAX_LABEL_CHARS = 100;

/** Reads the body of the answer; `undefined` when it is not a usage page. Never throws, whatever the body contains. */
export function parseUsage(body: unknown, nowMs: number): Usage | undefined {
  if (!isObject(body) || !Object.hasOwn(body, "rate_limit")) return undefined;
  const planType = labelOf(body["plan_type"]);
  const email = labelOf(body["email"]);
  const others = body["additional_rate_limits"];
  return {
    ...limitOf(body["rate_limit"], nowMs),
    planType,
    email,
    additional: Array.isArray(others) ? others.flatMap((other) => additionalLimit(other, nowMs)) : [],
    credits: creditsIn(body["credits"], isSpendingCapped(body)),
  };
}

// By the page's three ways to say so. A reason that begins with `workspace_` is about what a workspace lets its members
// spend.
function isSpendingCapped(body: unknown): boolean {
  return member(member(body, "credits"), "overage_limit_reached") === true ||
    member(member(body, "spend_control"), "reached") === true ||
    /^workspace_/.test(scalarText(member(member(body, "rate_limit_reached_type"), "type")));
}

function limitOf(limit: unknown, nowMs: number): UsageLimit {
  const windows = [member(limit, "primary_window"), member(limit, "secondary_window")];
  return {
    allowed: member(limit, "limit_reached") !== true && member(limit, "allowed") !== false,
    windows: windows.flatMap((window) => usageWindow(window, nowMs)),
  };
}

function additionalLimit(entry: unknown, nowMs: number): AdditionalLimit[] {
  const name = labelOf(member(entry, "limit_name"));
  const feature = labelOf(member(entry, "metered_feature"));
  const label = name ?? feature;
  if (label === undefined) return [];
  return [{ name: label, feature: feature ?? label, ...limitOf(member(entry, "rate_limit"), nowMs) }];
}

function usageWindow(window: unknown, nowMs: number): UsageWindow[] {
  const numberIn = (name: string) => numberOf(member(window, name));
  const windowSeconds = numberIn("limit_window_seconds");
  const usedPercent = numberIn("used_percent");
  if (windowSeconds === undefined || windowSeconds <= 0 || usedPercent === undefined) return [];
  const nowS = nowMs / 1000;
  const resets = [numberIn("reset_at"), nowS + (numberIn("reset_after_seconds") ?? NaN)];
  const resetAtS = resets.find((atS) =>
    atS !== undefined && atS > nowS && atS <= nowS + FARTHEST_RESET_MS / 1000
  );
  return [{
    windowSeconds,
    usedPercent: Math.min(100, Math.max(0, usedPercent)),
    resetAtMs: resetAtS === undefined ? undefined : Math.round(resetAtS * 1000),
  }];
}

function labelOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text !== "" && text.length <= MAX_LABEL_CHARS && !/\p{C}/u.test(text) ? text : undefined;
}
