/**
 * Asks all keys at once what is left of them, and meanwhile which of them is the current one. It goes to the upstream
 * itself, so no proxy has to run.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { isInService } from "../../auth/choice.ts";
import type { UsageAnswer } from "../../auth/usage.ts";
import { type AuthRecord, isExpired, parseAuthFile } from "../../auth/record.ts";
import { readHeldLogin } from "../../credentials/renewal_facts.ts";
import { type RenewalStanding, renewerText } from "../../credentials/renewal_standing.ts";
import { dashboardView } from "./dashboard.ts";
import { lastReadings } from "./last_readings.ts";
import type { DashboardView, Thresholds } from "./page.ts";
import type { Health } from "../../api/health.ts";
import type { Received } from "../../api/received.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { Upstreams } from "../../upstream/upstreams.ts";
import { askUsage } from "../../upstream/usage_query.ts";
import { observeService, type ServiceDeps } from "../../runtime/observe.ts";
import type { Send } from "../../system/http.ts";
import { codexLoginText } from "../codex_login.ts";
import { keyRenewals } from "../renewals.ts";
import { VERSION } from "../version.ts";
import type { World } from "../world.ts";

export interface KeysQuestion {
  /** The way to the upstream. */
  readonly send: Send;
  readonly thresholds: Thresholds;
  /** For each key. */
  readonly timeoutMs: number;
  /** Called with every answer. */
  readonly onAnswer?: (answeredCount: number, totalCount: number) => void;
}

/** @throws FileError when the auth dir cannot be read; one that is not there has no keys */
export async function askKeys(
  world: World,
  deps: ServiceDeps,
  { send, thresholds, timeoutMs, onAnswer }: KeysQuestion,
): Promise<DashboardView> {
  const { clock, files, resolved: { settings } } = deps;
  const { records } = await listKeys(files, settings.authDir);
  const upstreams = new Upstreams(settings.usageBaseUrl ?? settings.upstream);
  const ports = { send, clock, timeoutMs, userAgent: `cdx2/${VERSION}` };
  let answeredCount = 0;
  const nowMs = clock.nowMs();
  const hasValid = records.some((record) => isInService({ record }, nowMs));
  const renewalOf = new Map((await keyRenewals(world, settings)).map((renewal) => [renewal.file, renewal]));
  const asking = records.map(async (record) => {
    const upstream = upstreams.of(record);
    const renewal = renewalOf.get(record.file);
    const answer = skipped(record, { upstream, hasValid, renewal, nowMs }) ??
      await askUsage({ ...ports, upstream }, record);
    onAnswer?.(++answeredCount, records.length);
    return { record, answer, isBorrowed: await isBorrowed(deps, record), renewal };
  });
  const [keys, lastUsedFile, login, readings] = await Promise.all([
    Promise.all(asking),
    lastUsedByProxy(deps),
    codexLogin(world),
    lastReadings(world, settings.authDir),
  ]);
  return dashboardView(keys, { thresholds, lastUsedFile, login, readings, nowMs: clock.nowMs() });
}

/** Instead of an answer, why a key is not asked; `undefined` for one that is. */
function skipped(
  record: AuthRecord,
  { upstream, hasValid, renewal, nowMs }: {
    readonly upstream: Upstream;
    readonly hasValid: boolean;
    readonly renewal: RenewalStanding | undefined;
    readonly nowMs: number;
  },
): UsageAnswer | undefined {
  if (record.isDisabled) return { kind: "failed", reason: "disabled" };
  if (record.upstream !== undefined && !upstream.isChatGpt) {
    return {
      kind: "failed",
      reason: `its own upstream, ${new URL(record.upstream).host}, has no usage page`,
    };
  }
  // Of several keys with an expired token, each would be refused.
  if (hasValid && isExpired({ record }, nowMs)) {
    const helps = renewal?.by === undefined ? "log in again" : `it is ${renewerText(renewal)}`;
    return { kind: "failed", reason: `its token has expired: ${helps}` };
  }
  return undefined;
}

/** Whether it is a login that somebody else renews. An API key never expires, so nobody has to. */
async function isBorrowed(
  { files, resolved: { settings: { authDir } } }: ServiceDeps,
  { file, expiresAtMs }: AuthRecord,
): Promise<boolean> {
  if (expiresAtMs === undefined) return false;
  const login = await readHeldLogin(files, `${authDir}/${file}`);
  return login !== undefined && login.refreshToken === undefined;
}

async function lastUsedByProxy(deps: ServiceDeps): Promise<string | undefined> {
  const { facts, client } = await observeService(deps);
  if (!client || !("reply" in facts) || facts.reply.kind !== "debug") return undefined;
  const health = await client.health();
  return health.kind === "answer" ? lastUsedFile(health.value.accounts) : undefined;
}

/** The file of the key that was used last; `undefined` when none has been. */
export function lastUsedFile(accounts: Received<Health>["accounts"]): string | undefined {
  const used = accounts.flatMap(({ file, last_used_at: at }) => at === null ? [] : [{ file, at }]);
  // ISO 8601 in one time zone sorts as text.
  return used.sort((a, b) => a.at < b.at ? 1 : -1)[0]?.file;
}

async function codexLogin(world: World): Promise<AuthRecord | undefined> {
  const parsed = parseAuthFile("auth.json", await codexLoginText(world) ?? "");
  return parsed.kind === "key" ? parsed.record : undefined;
}
