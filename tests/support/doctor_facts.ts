// What `doctor` may find: a running proxy without a fault, and accounts as `/health` tells them.

import type { AuthFile } from "../../src/api/auth_files.ts";
import type { Account } from "../../src/api/account.ts";
import type { Facts, Service } from "../../src/cli/doctor/facts.ts";
import type { RenewalStanding } from "../../src/credentials/renewal_standing.ts";
import { describeSettings } from "../../src/config/settings.ts";
import type { Fields } from "../../src/values/json.ts";
import { anAccountOf } from "./pages.ts";
import { aDebugView, AUTH_DIR, someSettings, VERSION } from "./service_world.ts";

/** A moment in the local time zone, so that the times in a text are the same everywhere. */
export const NOW_MS = new Date(2027, 0, 15, 9, 0, 0).getTime();
export const RESOLVED = someSettings();

/** A key of `/health`: a stable one, as `over` changes it. */
export function anAccount(over: Fields = {}): Account {
  return anAccountOf({
    file: "work.json",
    email: "ann@example.com",
    status: "OK",
    used: 12,
    errors: 0,
    rate_limit_strikes: 0,
    probation_successes: 0,
    probation_target: 2,
    reason: null,
    until: null,
    next_trial_at: null,
    evidence: null,
    plan: "plus",
    token_expires_at: null,
    ...over,
  });
}

/** A key that the upstream refused four minutes ago. */
export function anEjectedAccount(over: Fields = {}): Account {
  return anAccount({
    file: "dead.json",
    status: "BLACKLIST",
    errors: 1,
    reason: "token_revoked",
    until: isoIn(660),
    next_trial_at: isoIn(660),
    evidence: { status: 401, code: "token_revoked", request_id: "req_1", at: isoIn(-240) },
    ...over,
  });
}

/** The time `seconds` after {@link NOW_MS}. */
export function isoIn(seconds: number): string {
  return new Date(NOW_MS + seconds * 1000).toISOString();
}

/** A key that cdx2 renews, and that ends in five hours. */
export function aStanding(file: string, over: Partial<RenewalStanding> = {}): RenewalStanding {
  return {
    file,
    by: "cdx2",
    home: undefined,
    reason: undefined,
    endsAtMs: NOW_MS + 5 * 3_600_000,
    warning: undefined,
    fix: undefined,
    ...over,
  };
}

export function anAuthFile(file: string, over: Partial<AuthFile> = {}): AuthFile {
  return {
    file,
    email: null,
    plan: null,
    account_id: null,
    token_expires_at: null,
    usable: true,
    reason: null,
    disabled: false,
    expired: false,
    alias: null,
    priority: 0,
    upstream: null,
    api_key: false,
    in_keyring: false,
    fingerprint: `print of ${file}`,
    ...over,
  };
}

type Running = Extract<Service, { kind: "running" }>;

export function aRunningService(over: Partial<Running> = {}): Running {
  return {
    kind: "running",
    debug: aDebugView({ settings: describeSettings(RESOLVED), started_at: isoIn(-7500) }),
    isUsable: true,
    accounts: [anAccount()],
    files: [anAuthFile("work.json")],
    ...over,
  };
}

export function someFacts(over: Partial<Facts> = {}): Facts {
  return {
    nowMs: NOW_MS,
    version: VERSION,
    resolved: RESOLVED,
    env: {},
    envFileNames: [],
    service: aRunningService(),
    disk: { kind: "read", files: [anAuthFile("work.json")] },
    modes: [{ path: AUTH_DIR, mode: 0o700 }, { path: `${AUTH_DIR}/work.json`, mode: 0o600 }],
    freeBytes: 2 ** 40,
    upstreamUrl: "https://chatgpt.com/backend-api",
    upstream: { kind: "answered", status: 403, durationMs: 42, aheadMs: 400 },
    codex: { command: "codex", isNamed: false, answer: "codex-cli 0.169.0" },
    codexRouting: { path: "/home/ann/.codex/config.toml", routes: [] },
    renewals: [],
    ...over,
  };
}
