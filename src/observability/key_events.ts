/**
 * What a change of a key's state is called in the event log, and in words.
 * @module
 */

import { isStable } from "../auth/key_state.ts";
import type { KeyChange } from "../auth/key_report.ts";
import type { EventName, ProxyEvent } from "./event.ts";
import type { Fields } from "../values/json.ts";

/** The event of a change, or `undefined` for a step that nobody needs to hear of. */
export function keyEvent(change: KeyChange, nowMs: number): ProxyEvent | undefined {
  const named = nameAndMessage(change, nowMs);
  if (!named) return undefined;
  const { record, to } = change;
  const fields: Fields = {
    auth_file: record.file,
    auth_email: record.email ?? null,
    state: to.state.kind,
    ...("cause" in to.state ? { cause: to.state.cause } : {}),
    ...("untilMs" in to.state ? { until: new Date(to.state.untilMs).toISOString() } : {}),
    ...(to.evidence ? { status: to.evidence.status, request_id: to.evidence.requestId } : {}),
  };
  const level = to.state.kind === "blacklist" || to.state.kind === "cooldown" ? "warning" : "info";
  return { atMs: nowMs, level, event: named[0], message: named[1], fields };
}

function nameAndMessage(
  { record, from, to, why }: KeyChange,
  nowMs: number,
): [EventName, string] | undefined {
  const { file } = record;
  const { state } = to;
  if (why === "reset") return ["auth.reset", `${file} was reset by hand`];
  if (why === "usage") {
    return ["auth.restored", `${file} serves again: its usage page says that there is room`];
  }
  if (why === "origin") {
    return ["auth.restored", `${file} is not to blame: the upstream refuses every key alike`];
  }
  if (why === "new_token") return ["auth.restored", `${file} holds a new token: its penalties are gone`];
  switch (state.kind) {
    case "cooldown":
      if (from.state.kind === "cooldown" && from.state.untilMs === state.untilMs) return undefined;
      return [
        "auth.cooldown",
        `${file} cools down for ${secondsUntil(state.untilMs, nowMs)} s (${state.cause})`,
      ];
    case "blacklist":
      return [
        "auth.blacklisted",
        `${file} is ejected for ${secondsUntil(state.untilMs, nowMs)} s (${state.cause})`,
      ];
    case "probation":
      return from.state.kind === "blacklist" ? ["auth.probation", `${file} is on trial again`] : undefined;
    case "ok":
      return isStable(to) && !isStable(from) ? ["auth.restored", `${file} serves again`] : undefined;
  }
}

function secondsUntil(untilMs: number, nowMs: number): number {
  return Math.ceil((untilMs - nowMs) / 1000);
}
