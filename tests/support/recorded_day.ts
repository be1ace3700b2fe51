// An event log as the proxy writes it.

import { eventLine } from "../../src/observability/event_log.ts";
import { SECOND, T0 } from "./builders.ts";
import { anAttempt, anEvent } from "./events.ts";

/** Four requests of one session; the first of them found a key that is dead. */
export function aRecordedDay(): string {
  const attempt = (request: number, file: string, outcome: "ok" | "auth_rejected") =>
    eventLine({
      ...anAttempt({
        request_id: `req_${request}`,
        auth_file: file,
        outcome,
        status: outcome === "ok" ? 200 : 401,
        latency_ms: SECOND,
        session: "01a20350-83c7",
        ...(outcome === "ok" ? {} : { error: "token_revoked" }),
      }),
      atMs: T0 + request * 60 * SECOND,
    });
  const fields = {
    auth_file: "dead.json",
    cause: "token_revoked",
    until: new Date(T0 + 960 * SECOND).toISOString(),
  };
  const ejected = eventLine(anEvent("auth.blacklisted", { atMs: T0 + 60 * SECOND, fields }));
  const served = [1, 2, 3, 4].map((request) => attempt(request, "work.json", "ok"));
  return [attempt(1, "dead.json", "auth_rejected"), ejected, ...served].map((line) => `${line}\n`).join("");
}
