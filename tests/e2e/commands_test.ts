// The commands around the proxy, as processes: what they print where, how they end, and what signals do.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { testWith } from "../support/installed.ts";
import { assertInterruptedOnce, COUNTS_INTERRUPTS, SIGNALS_PARENT } from "../support/interrupted.ts";
import { Home, RunningProgram, until } from "../support/program.ts";
import { saysStopped } from "../support/service.ts";

Deno.test("proxy, status and stop work from one process to the next", async () => {
  await using home = await Home.make();
  await home.addKey("work.json", "token-of-work");
  const started = await home.run(["proxy"]);
  assert.deepEqual([started.code, started.stdout], [0, ""]);
  assert.match(
    started.stderr,
    /^cdx2 proxy is running at http:\/\/127\.0\.0\.1:\d+ \(pid \d+, 1 key\) — started\n$/,
  );

  const status = await home.run(["status", "--json"]);
  assert.equal(status.code, 0);
  const { pid, healthy, auth_count, base_url } = JSON.parse(status.stdout);
  assert.deepEqual([healthy, auth_count], [true, 1]);

  const again = await home.run(["proxy"]);
  assert.equal(again.stderr, started.stderr.replace("started", "already running"));

  const stopped = await home.run(["stop"]);
  assert.deepEqual([stopped.code, stopped.stdout], [0, ""]);
  assert.match(stopped.stderr, saysStopped(pid));
  assert.equal((await home.run(["status"])).code, 1);

  const restarted = JSON.parse((await home.run(["proxy", "--json"])).stdout);
  assert.equal(restarted.base_url, base_url, "the port is kept");
});

Deno.test("the printed environment goes through eval and reaches the proxy", async () => {
  await using home = await Home.make();
  const { stdout, stderr } = await home.run(["proxy", "--print-env-only", "--quiet"], {
    env: { SHELL: "/bin/sh", NO_PROXY: "corp.example" },
  });
  assert.equal(stderr, "");
  const script = 'eval "$1"; printf "%s|%s|%s" "$OPENAI_BASE_URL" "$NO_PROXY" "$OPENAI_API_KEY"';
  const shell = await new Deno.Command("sh", { args: ["-c", script, "sh", stdout], clearEnv: true }).output();
  const [baseUrl, noProxy, apiKey] = new TextDecoder().decode(shell.stdout).split("|");
  assert.deepEqual([noProxy, apiKey], ["corp.example,127.0.0.1,localhost", "cdx2-local"]);
  const response = await fetch(`${baseUrl}/debug`);
  await response.body?.cancel();
  assert.equal(response.status, 401);
});

Deno.test("run passes exit codes and signals through", async () => {
  await using home = await Home.make();
  assert.equal((await home.run(["run", "-q", "--", "sh", "-c", "exit 7"])).code, 7);
  assert.equal((await home.run(["run", "-q", "--", "sh", "-c", "kill -9 $$"])).code, 137);

  for (
    const [name, code] of [["SIGTERM", 41], ["SIGINT", 42], ["SIGHUP", 43], ["SIGUSR1", 44]] as const
  ) {
    const script = `trap 'exit ${code}' ${name.slice(3)}; echo ready; while :; do sleep 0.05; done`;
    const running = home.start(["run", "-q", "--", "sh", "-c", script]);
    await until("the command runs", () => running.stdout.includes("ready"));
    running.signal(name);
    assert.equal((await running.finished).code, code, name);
  }
});

Deno.test("run gives its command each variable, also one that is not UTF-8, and no management key", async () => {
  await using home = await Home.make({ CLIPROXY_MANAGEMENT_KEY: "a-management-key" });
  const { command, args, env } = home.commandLine(["run", "-q", "--", "env"]);
  const odd = ["-c", 'ODD=$(printf "a\\377b") exec "$0" "$@"', command, ...args];
  const { stdout } = await new Deno.Command("sh", { args: odd, env, clearEnv: true }).output();
  const text = new TextDecoder("latin1").decode(stdout);
  assert.match(text, /^ODD=a\xffb$/m);
  assert.match(text, /^OPENAI_BASE_URL=http/m);
  assert.doesNotMatch(text, /a-management-key/);
});

Deno.test({
  name: "what cannot be printed is said, by short ways of answering as well",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using home = await Home.make();
    await home.addKey("work.json", "token-of-work");
    assert.equal((await home.run(["proxy"])).code, 0);
    for (
      const line of [["--version"], ["--help"], ["status"], ["all", "--line"], ["auth", "list", "--json"]]
    ) {
      const { command, args, env } = home.commandLine(line);
      const full = ["-c", '"$0" "$@" >/dev/full', command, ...args];
      const { code, stderr } = await new RunningProgram("sh", full, { env }).finished;
      assert.equal(code, 1, line.join(" "));
      assert.match(stderr, /^Cannot write the output: no space left on device$/m, line.join(" ") + stderr);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  },
});

Deno.test("run passes on a signal that comes as the command begins", async () => {
  await using home = await Home.make();
  for (let times = 0; times < 20; times++) {
    assert.equal((await home.run(["run", "-q", "--", "sh", "-c", SIGNALS_PARENT])).code, 42);
  }
});

for (const before of ["", "echo prompt |"]) {
  testWith("tmux", `${before} run in a terminal lets its command have Ctrl-C once`.trim(), async () => {
    await using home = await Home.make();
    const { command, args, env } = home.commandLine(["run", "-q", "--"]);
    const counting = [Deno.execPath(), "eval", COUNTS_INTERRUPTS];
    await assertInterruptedOnce([command, ...args, ...counting], { before, env });
  });
}

Deno.test("logs --follow goes on after the log was rotated, until it is interrupted", async () => {
  await using home = await Home.make();
  const { logFile } = runtimePaths(home.authDir);
  await Deno.writeTextFile(logFile, "one\ntwo\n");
  const following = home.start(["logs", "--lines", "1", "--follow"]);
  await until("the last line is shown", () => following.stdout === "two\n");
  await Deno.writeTextFile(logFile, "three\n", { append: true });
  await Deno.rename(logFile, `${logFile}.1`);
  await Deno.writeTextFile(logFile, "four\n");
  await until("the new file is shown", () => following.stdout.includes("four\n"));
  assert.equal(following.stdout, "two\nthree\nfour\n");
  following.signal("SIGINT");
  assert.equal((await following.finished).code, 130);
});
