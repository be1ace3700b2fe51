/**
 * A key in use.
 * @module
 */

import type { AuthRecord } from "./record.ts";

/** A key given to one attempt. Verdicts come back with it, so that one about a former token changes nothing. */
export interface Lease {
  readonly record: AuthRecord;
  readonly startedMs: number;
}

/** A trial in the background. */
export interface Trial {
  readonly lease: Lease;
  /** The key is not back yet: it is only asked whether its quota is, and a no is no new strike. */
  readonly waitsForQuota: boolean;
}
