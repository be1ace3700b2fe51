/**
 * What the members of a shared pool know of one token, as it is written down. Its times are of the store's clock, which is
 * the same for all members.
 * @module
 */

import { readHealth } from "../auth/health_schema.ts";
import type { WindowReading } from "../auth/limits.ts";
import {
  type FirstTry,
  type KeyRefusal,
  type SharedChange,
  type SharedKey,
  UNUSED_KEY,
} from "../auth/shared_key.ts";
import { sharedLater } from "../auth/wall_time.ts";
import { isObject } from "../values/json.ts";
import { memberName } from "../values/member_name.ts";
import type { Change } from "./replica.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** What is known of a token, and who found out. */
export interface KnownKey extends SharedKey {
  /** The member that had the verdict which the health rests on; `undefined` when there is none. */
  readonly foundBy: string | undefined;
}

/** Before anything is known. */
export const UNKNOWN_KEY: KnownKey = { ...UNUSED_KEY, foundBy: undefined };

/** A change by our own clock as one by the store's, which is ahead by `aheadMs()`. */
export function knownChange(change: SharedChange, by: string, aheadMs: () => number): Change<KnownKey> {
  return (known) => {
    const own = sharedLater(known, -aheadMs());
    const changed = change(own);
    if (changed === own) return known;
    const isOurs = changed.health.evidence !== own.health.evidence && changed.health.evidence !== undefined;
    return { ...sharedLater(changed, aheadMs()), foundBy: isOurs ? by : known.foundBy };
  };
}

const MINUTE_MS = 60_000;

/** Whether others have to know: every answer brings readings that hardly differ from the last. */
export function isWorthTelling(from: KnownKey, to: KnownKey): boolean {
  const essence = ({ health, refusal, firstTry }: KnownKey) => JSON.stringify([health, refusal, firstTry]);
  return to.lastSuccessMs - from.lastSuccessMs >= MINUTE_MS || to.windows.length < from.windows.length ||
    to.windows.some((reading) => isNews(reading, from.windows)) || essence(from) !== essence(to);
}

function isNews(reading: WindowReading, known: readonly WindowReading[]): boolean {
  const { limit, windowSeconds, usedPercent, resetAtMs = 0, atMs } = reading;
  const last = known.find((other) => other.limit === limit && other.windowSeconds === windowSeconds);
  return !last || Math.abs(usedPercent - last.usedPercent) >= 1 || atMs - last.atMs >= MINUTE_MS ||
    Math.abs(resetAtMs - (last.resetAtMs ?? 0)) >= MINUTE_MS;
}

/** Reads what another member wrote; `undefined` for what is none. */
export function readKnownKey(value: unknown): KnownKey | undefined {
  if (!isObject(value)) return undefined;
  const { windows, lastSuccessMs, refusal, firstTry, foundBy } = value;
  const health = readHealth(value["health"]);
  const readings = Array.isArray(windows) ? windows.map(readReading) : [undefined];
  const isRefused = refusal !== undefined;
  const readRefusal = isRefused ? refusalIn(refusal) : undefined;
  if (!health || !readings.every((reading) => reading !== undefined)) return undefined;
  if (!isMomentMs(lastSuccessMs) || (isRefused && !readRefusal)) return undefined;
  return {
    health,
    windows: readings,
    lastSuccessMs,
    refusal: readRefusal,
    firstTry: firstTryIn(firstTry),
    foundBy: typeof foundBy === "string" ? memberName(foundBy) : undefined,
  };
}

const SOURCES: readonly WindowReading["source"][] = ["headers", "event", "refusal", "usage"];

function readReading(value: unknown): WindowReading | undefined {
  if (!isObject(value)) return undefined;
  const { limit, windowSeconds, usedPercent, resetAtMs, atMs } = value;
  const source = SOURCES.find((known) => known === value["source"]);
  const isWhole = typeof limit === "string" && typeof windowSeconds === "number" &&
    typeof usedPercent === "number" && isMomentMs(atMs) && source !== undefined;
  if (!isWhole) return undefined;
  const resetMs = isMomentMs(resetAtMs) ? resetAtMs : undefined;
  return { limit, windowSeconds, usedPercent, resetAtMs: resetMs, source, atMs };
}

// A hint: a member of a version that knows none, or tells it in another way, is a member all the same.
function firstTryIn(value: unknown): FirstTry | undefined {
  if (!isObject(value)) return undefined;
  const { by, untilMs } = value;
  return typeof by === "string" && isMomentMs(untilMs) ? { by, untilMs } : undefined;
}

function refusalIn(value: unknown): KeyRefusal | undefined {
  if (!isObject(value)) return undefined;
  const { status, code, atMs, isExcused } = value;
  const before = readHealth(value["before"]);
  if ((typeof status !== "number" && status !== null) || typeof code !== "string") return undefined;
  if (!isMomentMs(atMs) || typeof isExcused !== "boolean" || !before) return undefined;
  return { status, code, atMs, before, isExcused };
}
