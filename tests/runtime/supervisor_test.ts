import assert from "node:assert/strict";
import { pauseBeforeRestart, superviseWorker } from "../../src/runtime/supervisor.ts";
import {
  bootWorker,
  type RunningWorker,
  startWorker,
  type WorkerEnd,
  type WorkerStart,
} from "../../src/runtime/sandbox.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ListenError } from "../../src/system/listen.ts";
import { UserError } from "../../src/values/user_error.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/program.ts";
import { someSettings } from "../support/service_world.ts";
import { unusedPort } from "../support/unused_port.ts";

const MINUTE = 60_000;

/** `[what, crashes, oldest first, now, the pause]` */
const PAUSES: readonly [string, readonly number[], number, number | undefined][] = [
  ["the first crash", [0], 0, 100],
  ["the second one soon after", [0, 1_000], 1_000, 200],
  ["the fifth one", [0, 1, 2, 3, 4], 4, 1_600],
  ["the sixth one", [0, 1, 2, 3, 4, 5], 5, undefined],
  ["the sixth one, when the first are long ago", [0, 1, 2, 3, 4, 20 * MINUTE], 20 * MINUTE, 100],
  ["one crash each three minutes", [0, 3, 6, 9, 12, 15].map((at) => at * MINUTE), 15 * MINUTE, 800],
];

for (const [what, crashedMs, nowMs, pauseMs] of PAUSES) {
  Deno.test(`pauseBeforeRestart() after ${what}: ${pauseMs ?? "gives up"}`, () => {
    assert.equal(pauseBeforeRestart(crashedMs, nowMs), pauseMs);
  });
}

/** A worker that does at once what is said. */
interface Script {
  readonly listening?: Promise<{ port: number }>;
  readonly end?: WorkerEnd;
}

const CRASH: Script = { end: { kind: "crashed", reason: "a fault" } };
const taken = (): Script => {
  const listening = Promise.reject(new ListenError("address_in_use", "in use"));
  listening.catch(() => {});
  return { listening };
};
const deadStart = (): Script => {
  const listening = Promise.reject(new UserError("Cannot start the proxy: a fault"));
  listening.catch(() => {});
  return { listening };
};

async function supervised(scripts: readonly Script[], stopAfterMs = 60_000) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const events: string[] = [];
  let count = 0;
  const result = superviseWorker({
    start: (): RunningWorker => {
      const { listening = Promise.resolve({ port: 1 }), end } = scripts[count++] ?? {};
      const ended = Promise.withResolvers<WorkerEnd>();
      if (end) listening.then(() => ended.resolve(end));
      const stopWorker = (reason: string) => (events.push("stop"), ended.resolve({ kind: "ended", reason }));
      return {
        listening,
        ended: ended.promise,
        tell: () => {},
        onNews: () => {},
        onUsageQuestion: () => {},
        onRenewalAsked: () => {},
        onHome: () => {},
        announce: () => events.push("announced"),
        saveState: () => {},
        disown: () => {},
        clockMoved: () => {},
        stop: stopWorker,
      };
    },
    clock,
    onListening: () => Promise.resolve(void events.push("listens")),
    onCrash: (reason) => Promise.resolve(void events.push(`crash: ${reason}`)),
    stop: stop.signal,
  }).then((reason) => ({ reason }), (error) => ({ error }));
  await clock.advance(stopAfterMs);
  stop.abort("signal SIGTERM");
  await clock.advance(1_000);
  return { result: await result, events, count };
}

Deno.test("superviseWorker() resolves with the reason of an end in order", async () => {
  const { result, events } = await supervised([{ end: { kind: "ended", reason: "asked to" } }]);
  assert.deepEqual([result, events], [{ reason: "asked to" }, ["listens", "announced"]]);
});

Deno.test("superviseWorker() stops the worker that runs now", async () => {
  const { result, events, count } = await supervised([CRASH, {}]);
  assert.deepEqual([result, count], [{ reason: "signal SIGTERM" }, 2]);
  assert.deepEqual(events, ["listens", "announced", "crash: a fault", "listens", "announced", "stop"]);
});

Deno.test("superviseWorker() starts no worker any more when it is stopped between two", async () => {
  const { result, count } = await supervised([CRASH], 50);
  assert.deepEqual([result, count], [{ reason: "signal SIGTERM" }, 1]);
});

Deno.test("superviseWorker() waits until the port of a crashed worker is free", async () => {
  const { result, count } = await supervised([CRASH, taken(), {}]);
  assert.deepEqual([result, count], [{ reason: "signal SIGTERM" }, 3]);
});

for (
  const [what, script, name] of [["cannot listen", taken(), "ListenError"], [
    "crashes",
    deadStart(),
    "UserError",
  ]] as const
) {
  Deno.test(`superviseWorker() tries a first worker that ${what} only once`, async () => {
    const { result, count } = await supervised([script]);
    assert.equal("error" in result && result.error.name, name);
    assert.equal(count, 1);
  });
}

Deno.test("superviseWorker() does not give up a restart that crashes before it listens", async () => {
  const { result, count } = await supervised([CRASH, deadStart(), {}]);
  assert.deepEqual([result, count], [{ reason: "signal SIGTERM" }, 3]);
});

// With real workers on a real port.
Deno.test("superviseWorker() has the next worker answer on the port of one that crashed, and stray errors end none", async () => {
  const { managementKey: _, ...settings } = someSettings().settings;
  const port = unusedPort();
  const stop = new AbortController();
  const listens = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const ended = superviseWorker({
    start: (crashes) => {
      const start = {
        settings: { ...settings, port },
        shared: undefined,
        managementKey: "",
        version: "",
        service: { pid: 1, identity: null, startedAt: "", version: "", host: "127.0.0.1" },
        settingsView: {},
        ownUpstreams: [],
        proxiedOrigins: [],
        mirrorLog: false,
        crashes,
      } as WorkerStart;
      return startWorker(start, {
        handTokens: () => Promise.reject(new Error("not part of this test")),
        returnMemory: () => {},
        booted: bootWorker(start, new URL("../support/crashing_worker.ts", import.meta.url)),
      });
    },
    clock: systemClock,
    onListening: () => Promise.resolve(listens[count++]?.resolve()),
    onCrash: () => Promise.resolve(),
    stop: stop.signal,
  });
  const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).json();
  await listens[0]!.promise;
  await ask("/reject");
  await ask("/throw");
  assert.deepEqual((await ask("/")).crashes, 0);
  // What was thrown comes up once the request has been answered.
  await until("both errors have come up", async () => (await ask("/")).strays.length === 2);
  assert.deepEqual((await ask("/")).strays, ["not caught", "not caught either"]);
  await ask("/crash").catch(() => {});
  await listens[1]!.promise;
  assert.deepEqual(await ask("/"), { crashes: 1, strays: [] });
  stop.abort("the test ends");
  assert.equal(await ended, "the test ends");
});
