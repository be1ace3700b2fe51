/**
 * What the end of a renewal is called in the logs.
 * @module
 */

import type { Renewal } from "../api/renewals.ts";
import { loginCommand } from "../credentials/renewal_text.ts";
import type { ProxyEvent } from "./event.ts";

/** The events of renewals. */
export type RenewalEventName = "auth.refreshed" | "auth.refresh_failed" | "auth.login_needed";

/** The event of a renewal; `undefined` for one that changed nothing. */
export function renewalEvent(renewal: Renewal, nowMs: number): ProxyEvent<RenewalEventName> | undefined {
  const { file, outcome, message, token_expires_at, next_try_at, login_needed } = renewal;
  const named = login_needed ? (["auth.login_needed", "error"] as const) : NAMES[outcome];
  if (!named) return undefined;
  const [event, level] = named;
  const hint = login_needed ? { hint: loginCommand(file) } : {};
  const fields = { auth_file: file, outcome, token_expires_at, next_try_at, ...hint };
  return { atMs: nowMs, level, event, message, fields };
}

const NAMES: Readonly<
  Partial<Record<Renewal["outcome"], readonly [RenewalEventName, ProxyEvent["level"]]>>
> = {
  renewed: ["auth.refreshed", "info"],
  adopted: ["auth.refreshed", "info"],
  kept_aside: ["auth.refresh_failed", "error"],
  failed: ["auth.refresh_failed", "warning"],
  unknown: ["auth.refresh_failed", "warning"],
};
