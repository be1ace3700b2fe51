// What a proxy says of a pool that it shares.

import type { Shared } from "../../src/api/shared.ts";

/** Two members, all well. */
export function aShared(over: Partial<Shared> = {}): Shared {
  const member = { version: "1.2.3", started_at: "2027-01-15T08:00:00.000Z", keys: 3, clock_off_ms: 1 };
  return {
    state: "up",
    reason: null,
    since: "2027-01-15T08:00:00.000Z",
    engine: "rediss://build:6379",
    namespace: "team",
    member: "laptop",
    members: [
      { ...member, name: "build-1", seen_at: "2027-01-15T08:00:00.000Z", clock_off_ms: -600_000 },
      { ...member, name: "laptop", seen_at: "2027-01-15T08:00:00.000Z" },
    ],
    pending: 0,
    lag_ms: 2.5,
    clock_off_ms: 1,
    conflicts: 0,
    unreadable: 0,
    twin: null,
    logins: [],
    found_by: [{ file: "a.json", member: "build-1" }],
    ...over,
  };
}
