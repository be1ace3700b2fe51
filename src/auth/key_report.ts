/**
 * What the rest of the program gets to see of a key: how it is, and what became of it.
 * @module
 */

import type { KeyHealth } from "./key_state.ts";
import type { WindowReading } from "./limits.ts";
import type { AuthRecord } from "./record.ts";

/** One key with its health at the time of asking. */
export interface KeyReport {
  /** Which key it is. */
  readonly record: AuthRecord;
  /** How it is. */
  readonly health: KeyHealth;
  /** Its usage windows, each as last read. */
  readonly windows: readonly WindowReading[];
  /** Attempts made with it since the start of the proxy. */
  readonly used: number;
  /** Those of them that the upstream rejected or failed. */
  readonly errors: number;
  /** Epoch milliseconds; 0 for never. */
  readonly lastUsedMs: number;
}

/** A key went from one state to another, and why. */
export interface KeyChange {
  /** Which key changed. */
  readonly record: AuthRecord;
  /** How it was. */
  readonly from: KeyHealth;
  /** How it is now. */
  readonly to: KeyHealth;
  /** `origin`: a penalty taken back, because the upstream refused every key alike. */
  readonly why: "verdict" | "time" | "reset" | "new_token" | "usage" | "origin";
}
