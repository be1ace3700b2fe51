import assert from "node:assert/strict";
import { runForeground } from "../../src/cli/child.ts";
import { SpawnError } from "../../src/system/foreground.ts";
import { ENDING_SIGNALS, type Environment, type SignalName } from "../../src/system/process.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

interface Place {
  readonly inIsTerminal: boolean;
  readonly getsKeys?: boolean;
}

function startChild({ inIsTerminal, getsKeys }: Place = { inIsTerminal: false }) {
  const processes = Object.assign(new FakeProcesses(), { getsKeys });
  const terminal = Object.assign(new FakeTerminal(), { inIsTerminal });
  const exit = Promise.withResolvers<{ code: number }>();
  const signals: SignalName[] = [];
  const got: Environment[] = [];
  const handlersAtSpawn: number[] = [];
  const spawnForeground = (_command: string, _args: readonly string[], env: Environment) => {
    got.push(env);
    handlersAtSpawn.push(processes.handlerCount);
    return { pid: 1, exited: exit.promise, signal: (name: SignalName) => void signals.push(name) };
  };
  Object.assign(processes, { spawnForeground });
  const env = { PATH: "/bin", CLIPROXY_MANAGEMENT_KEY: "secret", CLIPROXY_PORT: "8317" };
  const code = runForeground({ processes, terminal }, ["make"], env);
  return { processes, signals, exit, got, handlersAtSpawn, code };
}

Deno.test("runForeground() resolves with the child's exit code and stops listening for signals", async () => {
  const { processes, exit, code } = startChild();
  assert.ok(processes.handlerCount > 0);
  exit.resolve({ code: 143 });
  assert.equal(await code, 143);
  assert.equal(processes.handlerCount, 0);
});

Deno.test("runForeground() listens for signals from before its child begins", () => {
  const { processes, handlersAtSpawn } = startChild();
  assert.deepEqual(handlersAtSpawn, [processes.handlerCount]);
});

Deno.test("runForeground() listens for nothing after its child could not be started", async () => {
  const processes = new FakeProcesses();
  const spawnForeground = () => {
    throw new SpawnError("make", "not_found", "there is no such command");
  };
  Object.assign(processes, { spawnForeground });
  await assert.rejects(runForeground({ processes, terminal: new FakeTerminal() }, ["make"], {}), SpawnError);
  assert.equal(processes.handlerCount, 0);
});

Deno.test("runForeground() keeps the management key from its child", () => {
  assert.deepEqual(startChild().got, [{ PATH: "/bin", CLIPROXY_PORT: "8317" }]);
});

const NOT_OF_KEYS = ENDING_SIGNALS.filter((name) => name !== "SIGINT" && name !== "SIGQUIT");

const DELIVERIES: { where: string; place: Place; forwarded: readonly SignalName[] }[] = [
  {
    where: "the foreground of a terminal, which has sent Ctrl-C to both",
    place: { inIsTerminal: true, getsKeys: true },
    forwarded: NOT_OF_KEYS,
  },
  {
    where: "the foreground of a terminal, with another input",
    place: { inIsTerminal: false, getsKeys: true },
    forwarded: NOT_OF_KEYS,
  },
  {
    where: "the background of a terminal",
    place: { inIsTerminal: true, getsKeys: false },
    forwarded: ENDING_SIGNALS,
  },
  { where: "a script", place: { inIsTerminal: false, getsKeys: false }, forwarded: ENDING_SIGNALS },
  {
    where: "a terminal of a system that does not tell who gets its signals",
    place: { inIsTerminal: true },
    forwarded: NOT_OF_KEYS,
  },
  { where: "a script on such a system", place: { inIsTerminal: false }, forwarded: ENDING_SIGNALS },
];

for (const { where, place, forwarded } of DELIVERIES) {
  Deno.test(`runForeground() forwards ${forwarded.join(", ")} in ${where}`, () => {
    const { processes, signals } = startChild(place);
    for (const name of ENDING_SIGNALS) processes.receive(name);
    assert.deepEqual(signals, forwarded);
  });
}
