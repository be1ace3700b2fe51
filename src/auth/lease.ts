/**
 * A key in use.
 * @module
 */

import type { PickReason } from "./choice.ts";
import type { Verdict } from "./key_state.ts";
import type { Outcome } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";

/** A key given to one attempt. Verdicts come back with it, so that one about a former token changes nothing. */
export interface Lease {
  /** The key. */
  readonly record: AuthRecord;
  /** When the attempt began, epoch milliseconds. */
  readonly startedMs: number;
}

/** A key given to an attempt for a client. */
export interface PickedLease extends Lease {
  /** Why it got this key. */
  readonly picked: PickReason;
}

/** A trial in the background. */
export interface Trial {
  /** The key that is tried. */
  readonly lease: Lease;
  /** The key still cools down: it is only asked whether its quota is back, and it gets no strike when it is not. */
  readonly waitsForQuota: boolean;
}

/** A verdict about a lease, which knows itself when its attempt began. */
export type LeaseVerdict = Omit<Verdict, "startedMs">;

/** The refusal of a token. */
export interface LeaseRefusal {
  /** The attempt that was refused. */
  readonly lease: Lease;
  /** What it says about the key. */
  readonly verdict: LeaseVerdict & { readonly outcome: Outcome & { readonly kind: "auth_rejected" } };
}
