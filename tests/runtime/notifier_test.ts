import assert from "node:assert/strict";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { harmlessEnvironment, Notifier } from "../../src/runtime/notifier.ts";
import type { RunTool, ToolEnd } from "../../src/system/tool.ts";
import { anEvent } from "../support/events.ts";
import { FakeClock } from "../support/fake_clock.ts";

const exited = (code: number): ToolEnd => ({ kind: "exited", code, stdout: "", stderr: "" });

function aNotifier(takesMs = 0, end = exited(0)) {
  const clock = new FakeClock();
  const runs: Parameters<RunTool>[] = [];
  const logged: ProxyEvent[] = [];
  let running = 0;
  let most = 0;
  const notifier = new Notifier({
    command: ["told", "--now"],
    env: { PATH: "/bin", CLIPROXY_MANAGEMENT_KEY: "secret", OPENAI_API_KEY: "secret" },
    clock,
    log: (event) => Promise.resolve(void logged.push(event)),
    run: async (...run) => {
      runs.push(run);
      most = Math.max(most, ++running);
      if (takesMs > 0) await clock.sleep(takesMs);
      running--;
      return end;
    },
  });
  const tell = (key: string) => notifier.tell(anEvent("auth.cooldown", { fields: { auth_file: key } }));
  return { clock, runs, logged, notifier, tell, most: () => most };
}

Deno.test("the command gets the event on its input, and no secret in its environment", async () => {
  const { clock, runs, tell } = aNotifier();
  tell("a.json");
  await clock.advance(1);
  const [command, args, { stdin, aloneWith }] = runs[0]!;
  assert.deepEqual([command, args, aloneWith], ["told", ["--now"], { PATH: "/bin" }]);
  assert.deepEqual([JSON.parse(stdin).event, JSON.parse(stdin).auth_file], ["auth.cooldown", "a.json"]);
});

Deno.test("of an environment, only what a program needs is passed on", () => {
  const names = ["PATH", "HOME", "LANG", "LC_ALL", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "TZ"];
  const secrets = [
    "CLIPROXY_MANAGEMENT_KEY",
    "CLIPROXY_CLIENT_KEY",
    "OPENAI_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "HTTPS_PROXY",
    "GITHUB_TOKEN",
    "SSH_AUTH_SOCK",
    "PATH_TO_SECRET",
  ];
  const env = Object.fromEntries([...names, ...secrets].map((name) => [name, "x"]));
  assert.deepEqual(Object.keys(harmlessEnvironment(env)), names);
});

Deno.test("one command runs at a time, and what is too much is counted", async () => {
  const { clock, runs, tell, most } = aNotifier(1_000);
  for (let at = 0; at < 30; at++) tell(`k${at}.json`);
  await clock.advance(100_000);
  assert.deepEqual([runs.length, most()], [21, 1], "one at once and twenty that waited");
  assert.equal(JSON.parse(runs[1]![2].stdin).dropped, 9);
  assert.equal(JSON.parse(runs[2]![2].stdin).dropped, undefined);
});

Deno.test("no more than thirty commands start per minute", async () => {
  const { clock, runs, tell } = aNotifier();
  for (let at = 0; at < 40; at++) {
    tell(`k${at}.json`);
    await clock.advance(100);
  }
  assert.equal(runs.length, 30);
  await clock.advance(60_000);
  assert.equal(runs.length, 40);
});

Deno.test("a pool that stays empty is told once per minute", async () => {
  const { clock, runs, notifier } = aNotifier();
  for (let at = 0; at < 100; at++) {
    notifier.tell(anEvent("auth.pool_exhausted"));
    await clock.advance(1_000);
  }
  assert.equal(runs.length, 2);
});

const FAILURES: readonly (readonly [string, ToolEnd, RegExp])[] = [
  ["fails", exited(1), /ended with an error$/],
  ["takes too long", { kind: "timeout" }, /longer than 10s$/],
  ["cannot be started", { kind: "not_found" }, /cannot be started$/],
];

for (const [how, end, words] of FAILURES) {
  Deno.test(`a command that ${how} is reported once`, async () => {
    const { clock, logged, tell } = aNotifier(0, end);
    tell("a.json");
    tell("b.json");
    await clock.advance(1);
    assert.equal(logged.length, 1);
    assert.match(logged[0]!.message, words);
  });
}

Deno.test("close() forgets what waits", async () => {
  const { clock, runs, notifier, tell } = aNotifier(1_000);
  tell("a.json");
  tell("b.json");
  await notifier.close();
  await clock.advance(5_000);
  assert.equal(runs.length, 1);
});
