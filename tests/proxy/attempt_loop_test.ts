// The loop itself, with attempts that are only values. What it decides is tested in step_test.ts, and what clients get
// in forward_test.ts.

import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import type { AuthRecord } from "../../src/auth/record.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import { runAttempts } from "../../src/proxy/attempt_loop.ts";
import { namesIn } from "../../src/proxy/request_names.ts";
import { planForward } from "../../src/proxy/rules.ts";
import type { Attempt } from "../../src/upstream/attempt_end.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { aRecord, limitedUntil, OK, POLICY, REJECTED, T0 } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aLoop(
  names: readonly string[],
  outcomes: Readonly<Record<string, Outcome>>,
  { holdMs = 0 }: { holdMs?: number } = {},
) {
  const clock = new FakeClock(T0);
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(names.map((name) => aRecord(name)), T0);
  const discarded: string[] = [];
  const leaving = new AbortController();
  const request = aQuestion("/v1/responses", {
    signal: leaving.signal,
    headers: new Headers({ "session-id": "s" }),
  });
  const rules = { authDir: "/auths", holdMs, maxAttempts: 8, rotation: "session" } as const;
  const plan = planForward(request, new Upstream("https://upstream.example"), {
    rules,
    nowMs: T0,
    names: namesIn(request),
  });
  const attempt = (key: AuthRecord): Attempt<string> => {
    const name = key.file[0]!;
    return { kind: "answered", key, outcome: outcomes[name]!, atMs: T0, status: 200, answer: name };
  };
  const live = new LiveRequests((row) => row);
  const shown: string[] = [];
  const run = (before: Attempt<string>[] = []) =>
    runAttempts({ pool, live, publish: () => {}, clock }, {
      request,
      plan,
      transport: "http",
      attempts: before,
      make: (recorder, lease) => {
        shown.push(live.running.map(({ attempt, auth_file }) => `${attempt} ${auth_file}`).join());
        if (!(lease!.record.file[0]! in outcomes)) return Promise.reject(new TypeError("a bug"));
        const { outcome } = attempt(lease!.record);
        recorder.conclude({
          outcome,
          status: 200,
          headMs: undefined,
          ending: undefined,
          streamedBytes: undefined,
          error: undefined,
        });
        return Promise.resolve(attempt(lease!.record));
      },
      discard: (made) => void discarded.push(made.kind === "answered" ? made.answer : ""),
    });
  return { run, pool, attempt, discarded, leaving, live, shown, clock };
}

Deno.test("runAttempts() goes on until an attempt is served, and lets go of the others", async () => {
  const loop = aLoop(["a", "b", "c"], { a: REJECTED, b: limitedUntil(T0 + 60_000), c: OK });
  const end = await loop.run();
  assert(end.kind === "relay" && end.last?.kind === "answered");
  assert.equal(end.last.answer, "c");
  assert.deepEqual(loop.discarded, ["a", "b"]);
});

Deno.test("runAttempts() asks others once, before the first key is chosen, and uses what they know", async () => {
  const loop = aLoop(["a", "b", "c"], { a: OK, b: OK, c: REJECTED });
  const asked: string[] = [];
  loop.pool.affinity.shareWith({
    belongs: () => {},
    ask: ({ session }) => {
      asked.push(session!);
      loop.pool.affinity.adopt({ kind: "session", hash: session! }, "c.json", T0);
      return Promise.resolve();
    },
  });
  await loop.run();
  assert.deepEqual(loop.shown, ["1 c.json", "2 a.json"]);
  assert.equal(asked.length, 1);
  await loop.run([loop.attempt(aRecord("c"))]);
  assert.equal(asked.length, 1, "a request that goes on asks nothing");
});

Deno.test("runAttempts() counts the attempts that were made before", async () => {
  const loop = aLoop(["a", "b"], { a: OK, b: OK });
  const made = { ...loop.attempt(aRecord("a")), outcome: REJECTED };
  const end = await loop.run([made]);
  assert(end.kind === "relay" && end.last?.kind === "answered");
  assert.equal(end.last.answer, "b");
});

Deno.test("runAttempts() refuses when no key is left, and makes no attempt for a client that has left", async () => {
  const loop = aLoop(["a"], { a: limitedUntil(T0 + 60_000) });
  const end = await loop.run();
  assert(end.kind === "refuse");
  assert.equal(end.refusal.type, "usage_limit_reached");
  assert.deepEqual(loop.discarded, ["a"]);
  loop.leaving.abort();
  assert.deepEqual(await loop.run(), { kind: "client_disconnected" });
});

Deno.test("runAttempts() shows each attempt, and a request that waits for a key, while it runs", async () => {
  const limited = { a: limitedUntil(T0 + 5_000), b: limitedUntil(T0 + 5_000) };
  const loop = aLoop(["a", "b"], limited, { holdMs: 20_000 });
  await loop.run();
  assert.deepEqual(loop.shown, ["1 a.json", "2 b.json"]);
  const end = loop.run();
  await loop.clock.advance(1_000);
  const [waiting] = loop.live.running;
  assert.deepEqual([waiting?.state, waiting?.attempt, waiting?.auth_file], ["held", 1, null]);
  loop.leaving.abort();
  await end;
  assert.deepEqual(loop.live.running, []);
});

Deno.test("runAttempts() shows nothing of an attempt that a bug ended", async () => {
  const loop = aLoop(["a"], {});
  await assert.rejects(loop.run(), TypeError);
  assert.deepEqual(loop.live.running, []);
});
