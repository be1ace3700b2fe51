/**
 * The credits that an account has bought: with them it goes on serving when its usage windows are full. The upstream
 * names them in headers, in events and on the usage page. Seen in the field: an account at 100 % served for six days
 * while its balance fell (openai/codex#19242), and one was served again at once after a top-up; but others were refused
 * for their quota although the page named credits (openai/codex#9503, #45193). So credits are believed over a full
 * window and over a page that says that the limit is reached, until the upstream refuses a request in spite of them.
 * @module
 */

import { member, scalarText } from "../values/json.ts";
import { entryOf } from "../values/lookup.ts";

/** What the upstream says about the credits of an account. */
export interface Credits {
  /** Whether there are some. */
  readonly hasCredits: boolean;
  /** Whether there is no end to them. */
  readonly isUnlimited: boolean;
  /** How much there is, as the upstream writes it; `undefined` when it does not say. */
  readonly balance: string | undefined;
  /** Whether a limit on spending them has been reached. */
  readonly isCapped: boolean;
}

/** What is known of a key's credits. */
export interface CreditStanding {
  /** As last read; `undefined` when the upstream has said nothing about them. */
  readonly credits: Credits | undefined;
  /** What they were when the upstream refused a request for its quota in spite of them; `undefined` for never. */
  readonly refused: Credits | undefined;
}

/** Of a key about whose credits nothing is known. */
export const UNKNOWN_CREDITS: CreditStanding = { credits: undefined, refused: undefined };

/**
 * Reads credits from fields of these names; `undefined` when they say nothing. Values may be of their own type or text.
 * What is not an amount is not kept as one, so that nothing else of it is ever shown.
 */
export function creditsIn(fields: unknown, isCapped = false): Credits | undefined {
  const hasCredits = flagIn(member(fields, "has_credits"));
  const isUnlimited = flagIn(member(fields, "unlimited"));
  const balance = balanceIn(member(fields, "balance"));
  if (hasCredits === undefined && isUnlimited === undefined && balance === undefined) return undefined;
  return {
    hasCredits: hasCredits ?? (balance !== undefined && isPositive(balance)),
    isUnlimited: isUnlimited ?? false,
    balance,
    isCapped,
  };
}

/** Whether an account can go on serving with these credits. */
export function areUsable(credits: Credits | undefined): boolean {
  if (!credits || credits.isCapped) return false;
  const { hasCredits, isUnlimited, balance } = credits;
  return isUnlimited || (hasCredits && (balance === undefined || isPositive(balance)));
}

/** Whether a key can be expected to serve although its usage windows are full. */
export function servesOnCredits({ credits, refused }: CreditStanding): boolean {
  return areUsable(credits) && refused === undefined;
}

/** What is known once the upstream has named the credits. More of them than at the refusal are worth another try. */
export function withCredits({ refused }: CreditStanding, credits: Credits): CreditStanding {
  const isStillRefused = refused !== undefined && areUsable(credits) && !isMore(credits, refused);
  return { credits, refused: isStillRefused ? refused : undefined };
}

/** What is known once the upstream has refused a request for its quota. */
export function withQuotaRefusal(standing: CreditStanding): CreditStanding {
  return areUsable(standing.credits) ? { ...standing, refused: standing.credits } : standing;
}

function isMore(credits: Credits, before: Credits): boolean {
  if (credits.isUnlimited !== before.isUnlimited) return credits.isUnlimited;
  return amountOf(credits.balance) > amountOf(before.balance);
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

function flagIn(value: unknown): boolean | undefined {
  return entryOf(FLAGS, scalarText(value).trim().toLowerCase());
}

// `12.50`, `$2.50`, `1,250`, -3; a longer text is not an amount.
const BALANCE = /^[-+]?\s*\p{Sc}?\s*[-+]?\d[\d.,' ]{0,20}$/u;

function balanceIn(value: unknown): string | undefined {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  return typeof text === "string" && BALANCE.test(text.trim()) ? text.trim() : undefined;
}

function isPositive(balance: string): boolean {
  return /[1-9]/.test(balance) && !balance.includes("-");
}

function amountOf(balance: string | undefined): number {
  return Number.parseFloat((balance ?? "0").replace(/[^\d.-]/g, "")) || 0;
}
