/**
 * What is left of the keys of a gateway, as it last read it: its keys cannot be asked from here.
 * @module
 */

import type { Credits } from "../../auth/credits.ts";
import { ACCOUNT_LIMIT } from "../../auth/limits.ts";
import type { AuthRecord } from "../../auth/record.ts";
import type { UsageAnswer, UsageWindow } from "../../auth/usage.ts";
import type { Health } from "../../api/health.ts";
import type { Received } from "../../api/received.ts";
import { Secret } from "../../values/secret.ts";
import { msOf } from "../../values/iso_time.ts";
import { type CommandDeps, runningClient, unwrap } from "../service.ts";
import { lastUsedFile } from "./ask_keys.ts";
import { type AskedKey, dashboardView } from "./dashboard.ts";
import { type DashboardView, NOT_READ_YET, type Thresholds } from "./page.ts";

type Account = Received<Health>["accounts"][number];

/** @throws UserError when the gateway cannot be asked */
export async function askGatewayKeys(deps: CommandDeps, thresholds: Thresholds): Promise<DashboardView> {
  const client = await runningClient(deps);
  const { accounts } = unwrap(await client.health());
  const nowMs = deps.clock.nowMs();
  const keys = accounts.map((account) => askedKey(account, nowMs));
  return dashboardView(keys, { thresholds, lastUsedFile: lastUsedFile(accounts), nowMs });
}

/** A key of the gateway in the place of an answer about one of this machine. */
export function askedKey(account: Account, nowMs: number): AskedKey {
  return {
    record: recordOf(account),
    answer: answerOf(account, nowMs),
    isBorrowed: false,
    renewal: undefined,
  };
}

function recordOf({ file, email, plan, token_expires_at, disabled, priority, alias }: Account): AuthRecord {
  return {
    upstream: undefined,
    models: {},
    file,
    // It stays on the gateway.
    token: new Secret(""),
    accountId: undefined,
    email: email ?? undefined,
    plan: plan ?? undefined,
    expiresAtMs: msOf(token_expires_at),
    hasRefreshToken: false,
    isDisabled: disabled,
    priority,
    alias: alias ?? undefined,
    isInKeyring: false,
  };
}

function answerOf(account: Account, nowMs: number): UsageAnswer {
  const { disabled, usage, plan, email, status, reason } = account;
  if (disabled) return { kind: "failed", reason: "disabled" };
  if (status === "BLACKLIST") return { kind: "failed", reason: `blacklisted: ${reason ?? "refused"}` };
  if (usage === null) return { kind: "failed", reason: NOT_READ_YET };
  return {
    kind: "usage",
    usage: {
      allowed: status !== "COOLDOWN",
      windows: usage.windows.filter(({ limit }) => limit === ACCOUNT_LIMIT).map((window) =>
        windowNow(window, nowMs)
      ),
      planType: plan ?? undefined,
      email: email ?? undefined,
      additional: [],
      credits: creditsOf(usage.credits),
    },
  };
}

type WindowView = NonNullable<Account["usage"]>["windows"][number];

/** One that has been reset since it was read is full again. */
function windowNow({ limit_window_seconds, used_percent, reset_at }: WindowView, nowMs: number): UsageWindow {
  const resetAtMs = msOf(reset_at);
  const windowSeconds = limit_window_seconds ?? 0;
  return resetAtMs !== undefined && resetAtMs <= nowMs
    ? { windowSeconds, usedPercent: 0, resetAtMs: undefined }
    : { windowSeconds, usedPercent: used_percent, resetAtMs };
}

function creditsOf(credits: NonNullable<Account["usage"]>["credits"]): Credits | undefined {
  if (credits === null) return undefined;
  const { has_credits, unlimited, balance } = credits;
  return { hasCredits: has_credits, isUnlimited: unlimited, balance: balance ?? undefined, isCapped: false };
}
