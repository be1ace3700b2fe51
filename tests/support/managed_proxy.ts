// A proxy with three keys, as far as its management endpoints need one.

import { KeyPool } from "../../src/auth/rotation.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import { TraceStore } from "../../src/observability/trace_store.ts";
import { answerManagement, type ManagementPorts } from "../../src/proxy/management.ts";
import type { KeyVerdict } from "../../src/proxy/wrong_keys.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { aRecord, aVerdict, POLICY, T0 } from "./builders.ts";
import { FakeClock } from "./fake_clock.ts";
import { aDebugView } from "./service_world.ts";

const KEY = "management-key";
export const STARTED_AT = "2027-01-15T08:00:00.000Z";

/** What the proxy says of itself in `/debug`, without the number of keys. */
export function about(): ReturnType<ManagementPorts["about"]> {
  const { auth_count: _, ...rest } = aDebugView({ pid: 7, started_at: STARTED_AT });
  return rest;
}

/** A proxy with the keys a, b and c, and ways to ask it and to make things happen to it. */
export function aManagedProxy() {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(["a", "b", "c"].map((name) => aRecord(name)), T0);
  const trace = new TraceStore(10);
  const live = new LiveRequests((row) => row);
  const calls: string[] = [];
  const clock = new FakeClock();
  const ports: ManagementPorts = {
    managementKey: KEY,
    pool,
    policy: POLICY,
    trace,
    live,
    metrics: () => "cdx2_keys 3\n",
    about,
    listing: () => ({ records: [aRecord("b")], rejected: [{ file: "a.json", reason: "not valid JSON" }] }),
    noteAsked: () => void calls.push("asked"),
    refresh: () => {
      calls.push("refresh");
      return Promise.resolve({ records: [], rejected: [] });
    },
    usage: ({ days, by }) => Promise.resolve(void calls.push(`usage ${days} ${by}`)),
    poolUsage: ({ days, by }) => Promise.resolve((calls.push(`pool-usage ${days} ${by}`), "no pool")),
    moveHome: (file, isForced) => {
      calls.push(`home ${file} ${isForced}`);
      return Promise.resolve({ file, outcome: "moved", home: "build-1" });
    },
    requestShutdown: () => void calls.push("shutdown"),
    nowMs: () => T0,
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
  const leaving = new AbortController();
  const ask = async (line: string, verdict: KeyVerdict = { kind: "right" }) => {
    const [method = "", path = ""] = line.split(" ");
    const url = new URL(path, "http://127.0.0.1");
    const response = await answerManagement(
      ports,
      new Request(url, { method, signal: leaving.signal }),
      { url, verdict },
    );
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json";
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const judge = (name: string, outcome: Outcome) => {
    const verdict = aVerdict(outcome, T0, { status: 401, requestId: "req_1" });
    pool.apply({ record: aRecord(name), startedMs: T0 }, verdict);
  };
  return { pool, trace, live, clock, calls, ask, judge, leave: () => leaving.abort() };
}
