/**
 * What a client is told when no key is left for its request: how many keys there are, why none of them serves, what to type
 * and when to try again. Pure.
 * @module
 */

import type { Standing } from "../auth/choice.ts";
import type { KeyReport } from "../auth/key_report.ts";
import { isModelCode, isQuotaCode } from "../auth/outcome.ts";
import { burstTrialAtMs } from "../auth/trials.ts";
import { keyLines, noKeyLines } from "./key_lines.ts";
import { forCodex, type Refusal, refusal } from "./refusal.ts";
import { lowest } from "../values/extremes.ts";
import { counted } from "../values/durations.ts";

/** Why a request cannot be given a key. */
export interface PoolExhaustion {
  /** All keys of the pool. */
  readonly reports: readonly KeyReport[];
  /**
   * Only the one key in `reports` can serve the request: `owner`, because what it names lives at that account; `pinned`,
   * because the client wants it so. `undefined` when any key can.
   */
  readonly bound: "owner" | "pinned" | undefined;
  /** Keys with an upstream of their own cannot serve the request. */
  readonly mainOnly: boolean;
  /** The model asked for; some keys may be limited for this one alone. */
  readonly model: string | undefined;
  /** The code by file of each key that was refused in this request, about its token or account. */
  readonly refused: ReadonlyMap<string, string>;
  /** Where an auth file would be put. */
  readonly authDir: string;
  /** Codex prints a 400 and stops; after a 503 it asks again thirty times and shows nothing. */
  readonly isCodex: boolean;
}

/**
 * No key is left for a request. While one of them is only in a burst: 429 that asks the client to try again soon; else,
 * while one waits for its quota, 429 that says until when; else what makes the client stop.
 */
export function poolExhausted(exhaustion: PoolExhaustion, nowMs: number): Refusal {
  const { authDir, isCodex, mainOnly } = exhaustion;
  const reports = exhaustion.reports.filter(({ record }) => !mainOnly || record.upstream === undefined);
  if (reports.length === 0 && exhaustion.reports.length > 0) {
    const message =
      "cdx2 has no key for this request: an upstream that only one key has gets model requests, " +
      "and those only over HTTP and uncompressed.";
    const refused = refusal(503, "no_usable_keys", message);
    return isCodex ? forCodex(refused) : refused;
  }
  if (reports.length === 0) {
    const summary = `cdx2 has no usable key: no auth file in ${authDir} holds one.`;
    const advice = 'Add one with "cdx2 auth login" or "cdx2 auth import", then look at "cdx2 doctor".';
    const refused = refusal(503, "no_keys", `${summary} ${advice}`);
    return isCodex ? forCodex(refused, noKeyLines(summary)) : refused;
  }
  const message = `cdx2 ${whyText(exhaustion)}: ${countsText(reports)}. ${adviceFor(reports)}`;
  const waits = reports.map((report) => waitOf(report, exhaustion, nowMs));
  const soonMs = waits.flatMap((wait) => wait.kind === "soon" ? [wait.untilMs] : []);
  const quotaMs = waits.flatMap((wait) => wait.kind === "quota" ? [wait.untilMs] : []);
  const secondsUntil = (times: readonly number[]) => Math.max(1, Math.ceil((lowest(times) - nowMs) / 1000));
  if (soonMs.length > 0) {
    const afterS = Math.min(MAX_BURST_RETRY_S, secondsUntil(soonMs));
    return refusal(429, "rate_limit_exceeded", message, { afterS, resetsAtS: undefined });
  }
  if (quotaMs.length === 0) {
    const refused = refusal(503, "no_usable_keys", message);
    const summary = `cdx2 ${whyText(exhaustion)}: ${countsText(reports)}.`;
    return isCodex ? forCodex(refused, keyLines(summary, reports, exhaustion.refused)) : refused;
  }
  const afterS = secondsUntil(quotaMs);
  return refusal(429, "usage_limit_reached", message, {
    afterS,
    resetsAtS: Math.ceil(nowMs / 1000) + afterS,
  });
}

function whyText({ bound, reports: [first] }: PoolExhaustion): string {
  if (bound === "owner") return "cannot serve this request now, since what it names lives at one account";
  if (bound === undefined) return "has no usable key";
  return `uses no other key than ${first?.record.file} for this request, as it asks, and that one cannot serve now`;
}

// A client that waits for longer than this would rather ask again.
const MAX_BURST_RETRY_S = 30;

/** What a key waits for. */
type Wait = { readonly kind: "quota" | "soon"; readonly untilMs: number } | { readonly kind: "out" };

function waitOf(
  { record, health, standing, reservedUntilMs }: KeyReport,
  { model, bound, refused }: PoolExhaustion,
  nowMs: number,
): Wait {
  const { state } = health;
  if (standing === "disabled" || state.kind === "blacklist") return { kind: "out" };
  // Such a key is only asked where no other can serve. In a cooldown the upstream has looked at its token and accepted it.
  const isExpiredOut = standing === "expired" && state.kind !== "cooldown";
  if (bound === undefined && (state.kind === "probation" || isExpiredOut)) return { kind: "out" };
  if (state.kind === "probation") return { kind: "soon", untilMs: health.nextTrialMs };
  const limit = state.kind === "cooldown" ? state : health.modelLimits.find((known) => known.model === model);
  if (limit === undefined && reservedUntilMs > nowMs) return { kind: "quota", untilMs: reservedUntilMs };
  // Not every refusal ejects its key. A client that asked again would get the next one, and never a reason.
  if (limit === undefined && refused.has(record.file)) return { kind: "out" };
  // A key that recovered while this request was trying the others is as good as back.
  if (limit === undefined) return { kind: "soon", untilMs: nowMs };
  if (isModelCode(limit.cause)) return { kind: "out" };
  if (isQuotaCode(limit.cause)) return { kind: "quota", untilMs: limit.untilMs };
  return { kind: "soon", untilMs: Math.min(limit.untilMs, burstTrialAtMs(health) ?? Infinity) };
}

const STANDINGS: readonly (readonly [standing: Standing, text: string])[] = [
  ["cooldown", "in cooldown"],
  ["blacklist", "blacklisted"],
  ["probation", "on probation"],
  ["expired", "expired"],
  ["disabled", "disabled"],
];

// "5 keys: 1 in cooldown (usage_limit_reached), 2 blacklisted (http_401, token_revoked), 2 expired"
function countsText(reports: readonly KeyReport[]): string {
  const counts = STANDINGS.flatMap(([standing, text]) => {
    const such = reports.filter((report) => report.standing === standing);
    const causes = such.flatMap(({ health: { state } }) =>
      state.kind === standing && "cause" in state ? [state.cause] : []
    );
    const why = causes.length > 0 ? ` (${[...new Set(causes)].join(", ")})` : "";
    return such.length > 0 ? [`${such.length} ${text}${why}`] : [];
  });
  const keys = counted(reports.length, "key");
  return counts.length > 0 ? `${keys}: ${counts.join(", ")}` : `${keys}, all tried`;
}

function adviceFor(reports: readonly KeyReport[]): string {
  const standings = new Set(reports.map(({ standing }) => standing));
  if (standings.size === 1 && standings.has("disabled")) {
    return 'Type "cdx2 auth enable KEY" to use one again, or add a key with "cdx2 auth import".';
  }
  const seeEach = 'Type "cdx2 doctor" to see each key and its cause.';
  const isAboutExpiry = [...standings].every((standing) => standing === "expired" || standing === "disabled");
  return isAboutExpiry ? `Log in again with "cdx2 auth login --replace KEY". ${seeEach}` : seeEach;
}
