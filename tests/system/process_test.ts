// Real processes. spawnSelfDetached() is tried end to end only: what it starts is the program itself, and here that
// would be these tests.

import assert from "node:assert/strict";
import { homedir } from "node:os";
import type { ForegroundChild } from "../../src/system/foreground.ts";
import {
  ENDING_SIGNALS,
  homeFolder,
  onEndingSignal,
  signalExitCode,
  systemProcesses as processes,
} from "../../src/system/process.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { until } from "../support/program.ts";

// No process can have it: Linux ends at 2 ** 22, macOS at 99,999.
const NO_PID = 2 ** 30;

function shell(script: string): ForegroundChild {
  return processes.spawnForeground("sh", ["-c", script], Deno.env.toObject());
}

Deno.test("identityOf() is always the same for one run of a process", async () => {
  const child = shell("exec sleep 60");
  for (const pid of [processes.pid, child.pid]) {
    const identity = await processes.identityOf(pid);
    assert.ok(identity);
    assert.equal(await processes.identityOf(pid), identity);
  }
  child.signal("SIGKILL");
  await child.exited;
});

Deno.test("a process that has ended is not alive, has no identity and takes no signal", async () => {
  const child = shell("exit 0");
  await child.exited;
  for (const pid of [child.pid, NO_PID]) {
    assert.equal(processes.isAlive(pid), false);
    assert.equal(await processes.identityOf(pid), undefined);
    assert.equal(processes.signal(pid, "SIGTERM"), false);
  }
});

Deno.test({
  name: "a zombie has no identity, although it can be signalled",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // Once the shell has become a sleep, nobody learns of its child's end.
    const parent = new Deno.Command("sh", {
      args: ["-c", "sleep 0.05 & echo $!; exec sleep 60"],
      stdout: "piped",
    })
      .spawn();
    const reader = parent.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    await until(
      "the child is a zombie",
      async () => (await Deno.readTextFile(`/proc/${pid}/stat`)).includes(") Z "),
    );
    assert.equal(processes.isAlive(pid), true);
    assert.equal(await processes.identityOf(pid), undefined);
    parent.kill();
    await Promise.all([parent.status, reader.cancel()]);
  },
});

Deno.test("outputOf() is what a command prints, or undefined when it fails", async () => {
  assert.equal(await processes.outputOf("printf", ["zwölf"]), "zwölf");
  assert.equal(await processes.outputOf("sh", ["-c", "echo half; exit 1"]), undefined);
  assert.equal(await processes.outputOf("no-such-command", []), undefined);
});

Deno.test("getsKeySignals() is told by Linux", () => {
  assert.equal(processes.getsKeySignals() !== undefined, Deno.build.os === "linux");
});

Deno.test("onSignal() calls its function for each signal until it is ended", async () => {
  const received: string[] = [];
  const forget = (["first", "second"] as const).map((name) =>
    processes.onSignal("SIGHUP", () => received.push(name))
  );
  assert.equal(processes.signal(processes.pid, "SIGHUP"), true);
  await until("both are called", () => received.length === 2);
  forget[0]!();
  processes.signal(processes.pid, "SIGHUP");
  await until("one is called for the next", () => received.length === 3);
  forget[1]!();
  assert.deepEqual(received, ["first", "second", "second"]);
});

Deno.test("onEndingSignal() calls its function with the exit code of each signal, until it is ended", () => {
  // The real ones would also reach those who run the tests.
  const fake = new FakeProcesses();
  const received: number[] = [];
  const forget = onEndingSignal(fake, (exitCode) => void received.push(exitCode));
  for (const name of ENDING_SIGNALS) fake.receive(name);
  assert.deepEqual(received, ENDING_SIGNALS.map(signalExitCode));
  forget();
  assert.equal(fake.handlerCount, 0);
});

Deno.test("signalExitCode() is the exit code that a shell reports", () => {
  const names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGALRM", "SIGTERM"] as const;
  assert.deepEqual(names.map(signalExitCode), [129, 130, 131, 137, 142, 143]);
});

Deno.test("homeFolder() is the one in the environment, else the one that the system knows", () => {
  assert.equal(homeFolder({ HOME: "/home/ann", USERPROFILE: "C:\\ann" }), "/home/ann");
  assert.equal(homeFolder({ USERPROFILE: "C:\\ann" }), "C:\\ann");
  assert.equal(homeFolder({}), homedir());
  assert.equal(homeFolder({ HOME: "" }), homedir());
});
