/**
 * What a change of a key's state is called in the logs: the name of its event, and a sentence for the user.
 * @module
 */

import { timeLeftText } from "../values/durations.ts";
import { isStable } from "../auth/key_state.ts";
import type { KeyChange } from "../auth/key_report.ts";
import type { KeyChangeFields } from "../api/events.ts";
import type { KeyEventName, ProxyEvent } from "./event.ts";

/** The event of a change; `undefined` for a step that is not worth one. */
export function keyEvent(change: KeyChange, nowMs: number): ProxyEvent<KeyEventName> | undefined {
  const named = nameAndMessage(change, nowMs);
  if (!named) return undefined;
  const { record, to } = change;
  const fields: KeyChangeFields = {
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
): [KeyEventName, string] | undefined {
  const { file } = record;
  const { state } = to;
  if (why === "reset") return ["auth.reset", `${file} was reset by the user`];
  if (why === "usage") {
    return ["auth.restored", `${file} serves again: its usage page says that it may go on`];
  }
  if (why === "origin") {
    return ["auth.restored", `${file} is not to blame: the upstream refuses every key alike`];
  }
  if (why === "new_token") return ["auth.restored", `${file} has a new token: its penalties are cleared`];
  switch (state.kind) {
    case "cooldown":
      if (from.state.kind === "cooldown" && from.state.untilMs === state.untilMs) return undefined;
      return [
        "auth.cooldown",
        `${file} is in cooldown for ${timeLeftText(state.untilMs - nowMs)} (${state.cause})`,
      ];
    case "blacklist":
      return [
        "auth.blacklisted",
        `${file} is blacklisted for ${timeLeftText(state.untilMs - nowMs)} (${state.cause})`,
      ];
    case "probation":
      return from.state.kind === "blacklist" ? ["auth.probation", `${file} is on probation`] : undefined;
    case "ok":
      return isStable(to) && !isStable(from) ? ["auth.restored", `${file} serves again`] : undefined;
  }
}
