// Keys with what they have used, as askUsage() brings them.

import { FIVE_HOURS_S, type Usage, type UsageWindow, WEEK_S } from "../../src/auth/usage.ts";
import type { AskedKey } from "../../src/cli/all/dashboard.ts";
import type { RenewalStanding } from "../../src/credentials/renewal_standing.ts";
import { aRecord, aUsage, T0 } from "./builders.ts";

export interface AskedKeyWish {
  /** Percent of the 5-hour and of the weekly window; 0 each when absent. */
  readonly used?: readonly [number, number];
  /** Seconds from {@link T0} until each begins again; an hour when both are absent. */
  readonly resets?: readonly [number, number?];
  readonly usage?: Partial<Usage>;
}

/** A key whose two windows have been used so far, and which may go on. */
export function anAskedKey(
  name: string,
  { used = [0, 0], resets = [3600, 3600], usage }: AskedKeyWish = {},
): AskedKey {
  const windows = [aUsageWindow(FIVE_HOURS_S, used[0], resets[0]), aUsageWindow(WEEK_S, used[1], resets[1])];
  return {
    record: aRecord(name),
    answer: { kind: "usage", usage: aUsage({ windows, ...usage }) },
    isBorrowed: false,
    renewal: undefined,
  };
}

export function aUsageWindow(windowSeconds: number, usedPercent: number, resetSeconds?: number): UsageWindow {
  const resetAtMs = resetSeconds === undefined ? undefined : T0 + resetSeconds * 1000;
  return { windowSeconds, usedPercent, resetAtMs };
}

/** A key that could not be asked. */
export function noAnswer(name: string, reason: string): AskedKey {
  return { record: aRecord(name), answer: { kind: "failed", reason }, isBorrowed: false, renewal: undefined };
}

/** The same key, whose token ends at this time and is renewed as `standing` says; by cdx2 when absent. */
export function withRenewal(
  key: AskedKey,
  endsAtMs: number,
  standing: Partial<RenewalStanding> = {},
): AskedKey {
  const { file } = key.record;
  const renewal = {
    file,
    by: "cdx2",
    home: undefined,
    reason: undefined,
    warning: undefined,
    fix: undefined,
  } as const;
  return {
    ...key,
    record: { ...key.record, expiresAtMs: endsAtMs },
    renewal: { ...renewal, endsAtMs, ...standing },
  };
}
