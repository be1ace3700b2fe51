/**
 * What the rest of the program sees of a key: its present health, and each change of it.
 * @module
 */

import type { Standing } from "./choice.ts";
import type { CreditStanding } from "./credits.ts";
import type { KeyHealth } from "./key_state.ts";
import type { WindowReading } from "./limits.ts";
import type { AuthRecord } from "./record.ts";

/** One key with its health at the time of asking. */
export interface KeyReport {
  /** Who it is. */
  readonly record: AuthRecord;
  /** Its present health. */
  readonly health: KeyHealth;
  /** How it is counted: it may be out of service, whatever its health. */
  readonly standing: Standing;
  /** Its usage windows, each as last read. */
  readonly windows: readonly WindowReading[];
  /** What is known of its credits. */
  readonly credits: CreditStanding;
  /** Until when the reserve keeps it from being used, epoch milliseconds; 0 when nothing does. */
  readonly reservedUntilMs: number;
  /** Attempts made with it since the start of the proxy. */
  readonly used: number;
  /** How many of them count as errors. */
  readonly errors: number;
  /** When an attempt with it last began, epoch milliseconds; 0 for never. */
  readonly lastUsedMs: number;
}

/** A change of a key's health, and why. */
export interface KeyChange {
  /** Who it is. */
  readonly record: AuthRecord;
  /** Its health before. */
  readonly from: KeyHealth;
  /** Its health after. */
  readonly to: KeyHealth;
  /**
   * `time`: a penalty has expired. `origin`: a penalty was revoked, because the upstream refused every key alike. `shared`:
   * another machine found it out.
   */
  readonly why: "verdict" | "time" | "reset" | "new_token" | "usage" | "origin" | "shared";
}
