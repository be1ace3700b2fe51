/**
 * Tries keys that are back from a penalty, in the background, with a request that spends nothing: so a healed key
 * returns although others serve, and no client waits on a dead one.
 * @module
 */

import type { Outcome } from "../auth/outcome.ts";
import { usageResetMs } from "../auth/limits.ts";
import { parseUsage } from "../auth/usage.ts";
import type { Lease, Trial } from "../auth/lease.ts";
import type { KeyPool } from "../auth/rotation.ts";
import { parseJson } from "../values/json.ts";
import { attempt, type Attempted, type AttemptPorts } from "../upstream/attempt.ts";
import { readTextHead } from "../upstream/body.ts";
import { classify } from "../upstream/classify.ts";
import { requestHeaders, type Upstream } from "./rules.ts";

export interface ProberPorts extends AttemptPorts {
  readonly pool: KeyPool;
  readonly upstream: Upstream;
  readonly userAgent: string;
  readonly randomId: () => string;
}

const LOOK_INTERVAL_MS = 1000;
const PROBE_TIMEOUT_MS = 10_000;
const USAGE_MAX_BYTES = 262_144;

/** Looks for due trials every second until `signal` aborts. */
export async function runProber(ports: ProberPorts, signal: AbortSignal): Promise<void> {
  const { clock, pool } = ports;
  while (!signal.aborted) {
    pool.expirePenalties(clock.nowMs());
    for (const trial of pool.beginDueTrials(clock.nowMs())) void probe(ports, trial, signal);
    await clock.sleep(LOOK_INTERVAL_MS, signal);
  }
}

async function probe(
  ports: ProberPorts,
  { lease, waitsForQuota }: Trial,
  signal: AbortSignal,
): Promise<void> {
  const headers = new Headers({ accept: "application/json", "user-agent": ports.userAgent });
  const attempted = await attempt({ ...ports, headTimeoutMs: PROBE_TIMEOUT_MS }, {
    method: "GET",
    url: probeUrl(ports.upstream),
    headers: requestHeaders(headers, ports.upstream, lease.record),
    clientSignal: signal,
  });
  if (attempted.kind !== "answered") return;
  const outcome = await probeOutcome(ports, lease, attempted);
  // Room was taken over with the usage page; anything else says nothing about a quota.
  if (waitsForQuota && outcome.kind !== "auth_rejected") return;
  const { status } = attempted.response;
  ports.pool.apply(lease, {
    outcome,
    status,
    nowMs: ports.clock.nowMs(),
    requestId: ports.randomId(),
    model: undefined,
  });
}

/** The account's usage on the ChatGPT backend, the list of models elsewhere. */
export function probeUrl({ origin, basePath, isChatGpt }: Upstream): string {
  if (isChatGpt) return `${origin}${basePath}/wham/usage`;
  return `${origin}${basePath}${basePath.endsWith("/v1") ? "" : "/v1"}/models`;
}

async function probeOutcome(
  { pool, upstream, clock }: ProberPorts,
  { record }: Lease,
  { response, bodyText }: Attempted & { kind: "answered" },
): Promise<Outcome> {
  const { status, headers } = response;
  if (bodyText !== undefined) return classify({ status, headers, bodyText }, clock.nowMs());
  const text = await readTextHead(response.body, USAGE_MAX_BYTES);
  // A stand-in without such a page let the token through; it cannot say more.
  if (status === 404 || status === 405) return { kind: "ok" };
  if (!upstream.isChatGpt || status >= 300) return classify({ status, headers }, clock.nowMs());
  const usage = parseUsage(parseJson(text), clock.nowMs());
  if (!usage) return { kind: "ok" };
  pool.noteUsage(record, usage, clock.nowMs());
  if (usage.allowed) return { kind: "ok" };
  const untilMs = usageResetMs(usage);
  const limit = { kind: "rate_limited", code: "usage_limit_reached", scope: "key" } as const;
  return untilMs === undefined ? limit : { ...limit, untilMs };
}
