/**
 * The auth dir as `/auth-files` shows it. `cdx2 doctor` and `cdx2 auth list` make the same view of the disk and compare
 * the two.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { AuthListing } from "../auth/store.ts";

/** One auth file, good or not. */
export type AuthFileView = {
  readonly file: string;
  readonly email: string | null;
  readonly plan: string | null;
  readonly account_id: string | null;
  /** ISO 8601. */
  readonly token_expires_at: string | null;
  readonly usable: boolean;
  /** Why it is not usable. */
  readonly reason: string | null;
  /** Tells tokens apart without showing them. */
  readonly fingerprint: string | null;
};

// Enough to tell the tokens of one folder apart.
const FINGERPRINT_DIGITS = 12;

/** In the order of file names. */
export function authFileViews({ records, rejected }: AuthListing): readonly AuthFileView[] {
  const usable = records.map(({ file, token, email, plan, accountId, expiresAtMs }) => ({
    file,
    email: email ?? null,
    plan: plan ?? null,
    account_id: accountId ?? null,
    token_expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    usable: true,
    reason: null,
    fingerprint: fingerprint(token).slice(0, FINGERPRINT_DIGITS),
  }));
  const nothing = {
    email: null,
    plan: null,
    account_id: null,
    token_expires_at: null,
    usable: false,
    fingerprint: null,
  };
  const unusable = rejected.map(({ file, reason }) => ({ ...nothing, file, reason }));
  return [...usable, ...unusable].sort((a, b) => a.file < b.file ? -1 : 1);
}
