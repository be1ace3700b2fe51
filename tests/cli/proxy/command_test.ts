import assert from "node:assert/strict";
import { VERSION } from "../../../src/cli/version.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { aDebugView, AUTH_DIR } from "../../support/service_world.ts";

const STATUS_LINE = "cdx2 proxy is running at http://127.0.0.1:8317 (pid 4120, 2 keys) — already running\n";

function runningWorld(): CliWorld {
  const world = new CliWorld();
  world.runService();
  return world;
}

Deno.test("proxy prints the address of the running proxy on stderr", async () => {
  assert.deepEqual(await runningWorld().run("proxy"), { code: 0, out: "", err: STATUS_LINE });
});

Deno.test("proxy --quiet says nothing", async () => {
  assert.deepEqual(await runningWorld().run("proxy -q"), { code: 0, out: "", err: "" });
});

Deno.test("proxy --json prints what the proxy reports about itself", async () => {
  const { out } = await runningWorld().run("proxy --json");
  assert.deepEqual(JSON.parse(out), aDebugView({ version: VERSION }));
});

Deno.test("proxy --print-env prints the variables and the status line", async () => {
  const { out, err } = await runningWorld().run("proxy --print-env");
  assert.match(out, /^(export \w+='[^']*'\n)+$/);
  assert.match(out, new RegExp(`^export CLIPROXY_AUTH_DIR='${AUTH_DIR}'$`, "m"));
  assert.equal(err, STATUS_LINE);
});

Deno.test("proxy --print-env-only prints only the variables", async () => {
  const { out, err } = await runningWorld().run("proxy --print-env-only");
  assert.match(out, /^(export \w+='[^']*'\n)+$/);
  assert.equal(err, "");
});

const SHELLS: { line: string; env?: Record<string, string>; out: RegExp }[] = [
  {
    line: "proxy --print-env",
    env: { SHELL: "/usr/bin/fish" },
    out: /^export OPENAI_BASE_URL='http[^']*';\n/,
  },
  { line: "proxy --print-env --shell fish", out: /^set -gx OPENAI_BASE_URL '/ },
  {
    line: "proxy --print-env --shell bash",
    env: { SHELL: "/usr/bin/fish" },
    out: /^export OPENAI_BASE_URL='/,
  },
  { line: "proxy --print-env-only --shell powershell", out: /^\$env:OPENAI_BASE_URL = '/ },
  { line: "proxy --shell json", out: /^\{\n {2}"OPENAI_BASE_URL": "/ },
];

for (const { line, env, out } of SHELLS) {
  Deno.test(`"${line}" writes for the right shell${env ? " whatever $SHELL is" : ""}`, async () => {
    const world = runningWorld();
    world.env = { ...world.env, ...env };
    assert.match((await world.run(line)).out, out);
  });
}

Deno.test("proxy says how the running proxy differs from the request", async () => {
  const { code, err } = await runningWorld().run("proxy --port 9000");
  assert.equal(code, 0);
  assert.match(err, /\nnote: the running proxy has port 8317, not 9000; "cdx2 proxy --force" restarts it\n/);
});

const RUNNING = {
  hold_seconds: { value: 20, source: "default" },
  rotation: { value: "session", source: "default" },
} as const;

/** `[the command line, what it says of the running proxy]` */
const DRIFTS: readonly [line: string, says: RegExp][] = [
  [
    "proxy",
    /note: the running proxy has rotation session, not drain \(environment\); hold_seconds 20, not 5 \(\.env\);/,
  ],
  ["proxy --port 9000", /has port 8317, not 9000; rotation session, not drain .*; hold_seconds 20, not 5/],
  ["run -- true", /^$/],
  ["run --port 9000 -- true", /has port 8317, not 9000; "cdx2/],
];

for (const [line, says] of DRIFTS) {
  Deno.test(`${line} says of a running proxy with other settings: ${says.source}`, async () => {
    const world = new CliWorld();
    world.runService({ settings: RUNNING });
    world.exitCodes["true"] = 0;
    world.env = { ...world.env, CLIPROXY_ROTATION: "drain" };
    world.machine.files.put(`${AUTH_DIR}/.env`, "CLIPROXY_HOLD_SECONDS=5\n");
    assert.match((await world.run(line)).err, says);
  });
}
