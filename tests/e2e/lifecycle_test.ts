// The service as a process: starts at the same moment, crashes, hangs, pids that were given out again, shutdown with
// requests under way.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { isStarting } from "../../src/runtime/plan.ts";
import { systemProcesses } from "../../src/system/process.ts";
import { happyEvents, sse } from "../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, jsonLines, until } from "../support/program.ts";
import { MANAGEMENT_KEY, saysStopped, Service } from "../support/service.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY };
const RESPONSES = "/backend-api/codex/responses";

Deno.test("five starts at the same moment give one service", async () => {
  await using home = await Home.make(ENV);
  const runs = await Promise.all(Array.from({ length: 5 }, () => home.run(["proxy", "--json"])));
  assert.deepEqual(runs.map(({ code }) => code), [0, 0, 0, 0, 0]);
  assert.equal(new Set(runs.map(({ stdout }) => JSON.parse(stdout).pid)).size, 1);
  await until("the other four have ended", async () => (await serversOf(home)).length === 1);
});

Deno.test("proxy starts again on the same port after a crash", async () => {
  await using home = await Home.make(ENV);
  const first = await Service.startInBackground(home);
  await first.crash();
  const status = await home.run(["status"]);
  assert.equal(status.code, 1);
  assert.match(
    status.stdout,
    new RegExp(`^state +stopped: the last proxy \\(pid ${first.pid}\\) has ended\n`),
  );

  const second = await Service.startInBackground(home);
  assert.notEqual(second.pid, first.pid);
  assert.equal(second.baseUrl, first.baseUrl);
});

Deno.test("whatever an earlier run left behind, a start goes well and stop ends nothing else", async () => {
  await using home = await Home.make(ENV);
  const { pidFile, lockFile } = runtimePaths(home.authDir);
  await using other = sleeper();
  const record = { identity: "ticks:1", started_at: "2026-01-01T00:00:00.000Z", version: "0.1.0" };
  const leftovers = [
    ["an empty lock", "", /no proxy is running/],
    ["a lock that says nothing", "garbage \0 {", /no proxy is running/],
    ["the pid of a whole process group", JSON.stringify({ ...record, pid: -1 }), /no proxy is running/],
    ["the pid of another program", JSON.stringify({ ...record, pid: other.pid }), /another program now/],
  ] as const;
  for (const [what, lock, reason] of leftovers) {
    await Deno.writeTextFile(lockFile, lock);
    await Deno.writeTextFile(pidFile, `${other.pid}\n`);
    const stopped = await home.run(["stop"]);
    assert.equal(stopped.code, 0, what);
    assert.match(stopped.stderr, /^nothing to stop: /, what);
    assert.match(stopped.stderr, reason, what);

    const service = await Service.startInBackground(home);
    assert.equal(await Deno.readTextFile(pidFile), `${service.pid}\n`, what);
    assert.match((await home.run(["stop"])).stderr, saysStopped(service.pid), what);
  }
  assert.ok(other.isRunning);
});

// Where the system cannot prove who a process is, no identity is recorded.
Deno.test("a process of unknown identity is asked and never signalled", async () => {
  await using home = await Home.make(ENV);
  await using other = sleeper();
  const record = { pid: other.pid, identity: null, started_at: "2026-01-01T00:00:00.000Z", version: "0.1.0" };
  await Deno.writeTextFile(runtimePaths(home.authDir).lockFile, JSON.stringify(record));
  for (const command of ["stop", "proxy"]) {
    const { code, stderr } = await home.run([command]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`pid ${other.pid} may belong to another program\nhint: `));
  }
  assert.ok(other.isRunning);
});

Deno.test("a taken port is told with who has it and a hint, in the background as in the foreground", async () => {
  await using home = await Home.make(ENV);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const env = { CLIPROXY_PORT: String(port) };
  const background = await home.run(["proxy"], { env });
  assert.deepEqual([background.code, background.stdout], [1, ""]);
  assert.match(
    background.stderr,
    new RegExp(
      `^Cannot listen on 127\\.0\\.0\\.1:${port}: the port is taken by pid ${Deno.pid} \\(.+\\)\nhint: .*--port\n$`,
    ),
  );
  const foreground = await home.run(["proxy", "--foreground"], { env });
  assert.deepEqual([foreground.code, foreground.stdout], [1, ""]);
  assert.match(
    foreground.stderr,
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: .*\nhint: .*--port\n$`),
  );
  assert.deepEqual(await serversOf(home), []);
});

// Together, because each waits its time for an answer that does not come.
Deno.test("a service that hangs is told so by status, replaced by proxy and ended by stop", async () => {
  await using asked = await Home.make(ENV);
  await using replaced = await Home.make(ENV);
  await using stopped = await Home.make(ENV);
  const homes = [asked, replaced, stopped];
  const hanging = await Promise.all(homes.map(hang));
  const [status, proxy, stop] = await Promise.all([
    asked.run(["status", "--json"]),
    replaced.run(["proxy"]),
    stopped.run(["stop"]),
  ]);
  const { pid, pid_running, healthy, state } = JSON.parse(status.stdout);
  assert.deepEqual([status.code, pid, pid_running, healthy, state], [
    1,
    hanging[0]!.pid,
    true,
    false,
    "unresponsive",
  ]);
  assert.equal(proxy.code, 0);
  assert.match(
    proxy.stderr,
    new RegExp(`restarted\nnote: pid ${hanging[1]!.pid} hangs: no answer within 2s\n`),
  );
  assert.equal((await Service.startInBackground(replaced)).baseUrl, hanging[1]!.baseUrl);
  const killed = `killed the proxy (pid ${hanging[2]!.pid}), which did not stop by itself\n`;
  const waits = "waiting for the proxy to end after SIGTERM, for 3s at most\n";
  assert.deepEqual(stop, { code: 0, stdout: "", stderr: waits + killed });
  const isLeft = await Promise.all(hanging.map((service) => service.isRunning()));
  assert.deepEqual(isLeft, [true, false, false]);
  await hanging[0]!.crash();
});

Deno.test("proxy --force puts another service on the same port", async () => {
  await using home = await Home.make(ENV);
  const first = await Service.startInBackground(home);
  const { code, stderr } = await home.run(["proxy", "--force"]);
  assert.equal(code, 0);
  assert.match(stderr, /^(?:waiting .*\n)?cdx2 proxy is running at .* — restarted\n/);
  assert.equal(await first.isRunning(), false);
  const second = await Service.startInBackground(home);
  assert.equal(second.baseUrl, first.baseUrl);
});

Deno.test("a second proxy in the foreground ends at once and leaves the first alone", async () => {
  await using home = await Home.make(ENV);
  const first = await Service.startInBackground(home);
  const { code, stderr } = await home.run(["proxy", "--foreground"]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^The proxy is already running as pid ${first.pid}\nhint: .*--force\n$`));
  assert.ok(await first.isRunning());
});

Deno.test("stop says when there was nothing to stop", async () => {
  await using home = await Home.make(ENV);
  assert.deepEqual(await home.run(["stop"]), {
    code: 0,
    stdout: "",
    stderr: "nothing to stop: no proxy is running\n",
  });
});

const WAYS_TO_STOP: readonly [string, (home: Home, service: Service) => unknown][] = [
  ["SIGTERM", (_, service) => service.signal("SIGTERM")],
  ["SIGINT", (_, service) => service.signal("SIGINT")],
  ["POST /shutdown", async (_, service) => {
    const response = await service.manage("/shutdown", "POST");
    assert.deepEqual(await response.json(), { status: "shutting_down" });
  }],
  ["cdx2 stop", (home) => void home.start(["stop"])],
];

for (const [how, stop] of WAYS_TO_STOP) {
  Deno.test(`after ${how} a running stream reaches its end while new requests get 503`, async () => {
    const { home, upstream } = await homeWithKey();
    await using _home = home;
    await using _upstream = upstream;
    const { promise: isDraining, resolve: finish } = Promise.withResolvers<void>();
    upstream.reply({ path: RESPONSES }, sse(happyEvents("to the end"), { lastAfter: isDraining }));
    const service = await Service.start(home);
    const running = await service.ask();
    await stop(home, service);
    await until("new requests are refused", async () => await service.askForStatus() === 503);
    finish();
    assert.match(await running.text(), /event: response\.completed\n/);
    await service.untilGone();
    const requestId = running.headers.get("x-cdx2-request-id");
    const story = (await eventsOf(home))
      .filter(({ request_id }) => request_id === undefined || request_id === requestId)
      .map(({ event }) => event);
    assert.deepEqual(story.slice(-3), ["proxy.shutdown_requested", "proxy.request", "proxy.stopped"]);
  });
}

Deno.test("a stream that outlasts the drain time is broken off, never ended cleanly", async () => {
  const { home, upstream } = await homeWithKey({ CLIPROXY_DRAIN_SECONDS: "0.3" });
  await using _home = home;
  await using _upstream = upstream;
  upstream.reply({ path: RESPONSES }, sse(happyEvents("without an end"), { then: "hang" }));
  const service = await Service.start(home);
  const running = await service.ask();
  const begunMs = performance.now();
  service.signal("SIGTERM");
  await assert.rejects(running.text());
  assert.ok(performance.now() - begunMs >= 300, "it got its time");
  await service.untilGone();
});

Deno.test("a second signal ends the service at once", async () => {
  const { home, upstream } = await homeWithKey({ CLIPROXY_DRAIN_SECONDS: "600" });
  await using _home = home;
  await using _upstream = upstream;
  upstream.reply({ path: RESPONSES }, sse(happyEvents("without an end"), { then: "hang" }));
  const service = await Service.start(home);
  const running = await service.ask();
  service.signal("SIGTERM");
  await until("new requests are refused", async () => await service.askForStatus() === 503);
  service.signal("SIGTERM");
  await service.untilGone();
  await assert.rejects(running.text());
});

Deno.test("proxy waits for a service that is shutting down, and starts the next on its port", async () => {
  const { home, upstream } = await homeWithKey();
  await using _home = home;
  await using _upstream = upstream;
  upstream.reply({ path: RESPONSES }, sse(happyEvents("to the end"), { gapMs: 150 }));
  const leaving = await Service.startInBackground(home);
  const running = await leaving.ask();
  await leaving.manage("/shutdown", "POST").then((response) => response.body?.cancel());
  const [text, next] = await Promise.all([running.text(), Service.startInBackground(home)]);
  assert.match(text, /event: response\.completed\n/);
  assert.notEqual(next.pid, leaving.pid);
  assert.equal(next.baseUrl, leaving.baseUrl);
});

/** A home with a key and an upstream that says 404 until it is told otherwise. */
async function homeWithKey(
  env: Record<string, string> = {},
): Promise<{ home: Home; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream();
  const home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url, ...env });
  await home.addKey("work.json", "token-of-work");
  return { home, upstream };
}

/** A service that does nothing any more, and is too old to be starting. */
async function hang(home: Home): Promise<Service> {
  const service = await Service.startInBackground(home);
  service.signal("SIGSTOP");
  const holder = { kind: "unproven", pid: service.pid } as const;
  await until("it is not starting any more", () => {
    return !isStarting({ ...holder, ageMs: systemProcesses.ageOf(service.pid) ?? Infinity });
  });
  return service;
}

/** A program that has nothing to do with the proxy. */
function sleeper() {
  const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
  let isRunning = true;
  const ended = child.status.then(() => isRunning = false);
  return {
    pid: child.pid,
    get isRunning() {
      return isRunning;
    },
    async [Symbol.asyncDispose]() {
      if (isRunning) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The pids of all service processes for a home's auth dir. */
async function serversOf(home: Home): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,args="] }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.filter((line) => line.includes(`run-server --auth-dir ${home.authDir}`));
}

async function eventsOf(home: Home): Promise<readonly Record<string, unknown>[]> {
  const text = await Deno.readTextFile(runtimePaths(home.authDir).eventsFile);
  return jsonLines(text);
}
