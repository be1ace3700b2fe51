/**
 * The entries of `/auth-files`, made from what was read from the auth dir. `cdx2 doctor` and `cdx2 auth list` make them
 * from the disk and compare the two.
 * @module
 */

import { credentialKind } from "../auth/credential_kind.ts";
import { fingerprint } from "../auth/fingerprint.ts";
import { type AuthRecord, isExpired } from "../auth/record.ts";
import { isoOf } from "../values/iso_time.ts";
import type { AuthListing } from "../auth/store.ts";
import type { AuthFile } from "./auth_files.ts";

// Enough to tell the tokens of one folder apart.
const FINGERPRINT_DIGITS = 12;

/** One entry for each JSON file of the auth dir, in the order of their names. Of a token, only its fingerprint is shown. */
export function authFileList({ records, rejected }: AuthListing, nowMs: number): readonly AuthFile[] {
  const nothing = {
    email: null,
    plan: null,
    account_id: null,
    token_expires_at: null,
    usable: false,
    disabled: false,
    expired: false,
    alias: null,
    priority: 0,
    upstream: null,
    api_key: false,
    in_keyring: false,
    fingerprint: null,
  };
  const keys = records.map((record) => keyEntry(record, nowMs));
  const others = rejected.map(({ file, reason }) => ({ ...nothing, file, reason }));
  return [...keys, ...others].sort((a, b) => a.file < b.file ? -1 : 1);
}

function keyEntry(record: AuthRecord, nowMs: number): AuthFile {
  const {
    file,
    token,
    email,
    plan,
    accountId,
    expiresAtMs,
    isDisabled,
    alias,
    priority,
    upstream,
    isInKeyring,
  } = record;
  return {
    file,
    email: email ?? null,
    plan: plan ?? null,
    account_id: accountId ?? null,
    token_expires_at: isoOf(expiresAtMs),
    usable: !isDisabled,
    reason: isDisabled ? "disabled" : null,
    disabled: isDisabled,
    expired: isExpired({ record }, nowMs),
    alias: alias ?? null,
    priority,
    upstream: upstream ?? null,
    api_key: credentialKind(token) === "api_key",
    in_keyring: isInKeyring,
    fingerprint: fingerprint(token).slice(0, FINGERPRINT_DIGITS),
  };
}
