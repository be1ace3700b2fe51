import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

function worldWithCodex({ isLoggedIn = true, upstream = "https://chatgpt.com/backend-api" } = {}): CliWorld {
  const world = new CliWorld();
  world.exitCodes["codex"] = 3;
  world.machine.files.put(`${AUTH_DIR}/work.json`, codexLogin());
  if (isLoggedIn) world.machine.processes.outputs.set("codex login status", "");
  world.runService({ upstream_base_url: upstream });
  return world;
}

Deno.test("codex is run through the proxy, with its login and the user's arguments", async () => {
  const world = worldWithCodex();
  const { code, out, err } = await world.run("codex exec --json", "say hi");
  assert.deepEqual([code, out, err], [3, "", ""]);
  const { commandLine, env } = world.children[0]!;
  assert.deepEqual(commandLine, [
    "codex",
    ...["-c", 'model_provider="openai"'],
    ...["-c", 'openai_base_url="http://127.0.0.1:8317/backend-api/codex"'],
    ...["-c", 'chatgpt_base_url="http://localhost:8317/backend-api"'],
    ...["-c", 'model_providers.cdx2.name="OpenAI"'],
    ...["-c", 'model_providers.cdx2.base_url="http://127.0.0.1:8317/backend-api/codex"'],
    ...["-c", 'model_providers.cdx2.wire_api="responses"'],
    ...["-c", "model_providers.cdx2.supports_websockets=true"],
    ...["exec", "--json", "say hi"],
  ]);
  assert.equal(env["NO_PROXY"], "127.0.0.1,localhost");
});

Deno.test("codex without a login gets a provider that needs none", async () => {
  const world = worldWithCodex({ isLoggedIn: false });
  await world.run("codex");
  assert.ok(world.children[0]!.commandLine.includes('model_provider="cdx2"'));
});

const CHAT = "01a21612-9013-7310-b034-837b8e51a63e";
const ROLLOUT = `/home/ann/.codex/sessions/2026/11/26/rollout-2026-11-26T04-17-25-${CHAT}.jsonl`;

for (const program of ["codex", "run codex"]) {
  Deno.test(`${program} opens a chat with the provider that it began with`, async () => {
    for (const provider of ["cdx2", "openai"]) {
      const world = worldWithCodex();
      world.machine.files.put(ROLLOUT, JSON.stringify({ payload: { model_provider: provider } }));
      const { err } = await world.run(`${program} exec resume ${CHAT}`, "go on");
      assert.ok(world.children[0]!.commandLine.includes(`model_provider="${provider}"`));
      assert.equal(err, "");
    }
  });
}

Deno.test("codex names no provider on the screen, so that any chat opens, unless the user's leads past the proxy", async () => {
  const world = worldWithCodex();
  const named = () => world.children.at(-1)!.commandLine.some((arg) => arg.startsWith("model_provider="));
  await world.run("codex resume");
  assert.equal(named(), false);
  world.machine.files.put("/home/ann/.codex/config.toml", 'model_provider = "lab"\n');
  await world.run("codex resume");
  assert.equal(named(), true);
  world.machine.files.put("/home/ann/.codex/config.toml", "");
  await world.run("codex -p work resume");
  assert.equal(named(), true);
});

Deno.test("codex says which chats do not open, and how one does", async () => {
  const world = worldWithCodex();
  world.machine.files.put(ROLLOUT, JSON.stringify({ payload: { model_provider: "cdx2", source: "cli" } }));
  const { err } = await world.run("codex exec resume --last", "go on");
  assert.equal(
    err,
    `note: chats that began without a login do not open this way; the latest does by: cdx2 codex exec resume ${CHAT} "go on"\n`,
  );
});

Deno.test("codex asks the bare proxy when the upstream is not the ChatGPT backend", async () => {
  const world = worldWithCodex({ upstream: "https://api.openai.com/v1" });
  await world.run("codex");
  assert.ok(world.children[0]!.commandLine.includes('openai_base_url="http://127.0.0.1:8317"'));
});

const COMMAND_LINES: [line: string, given: string[]][] = [
  ["codex -- --help", ["--help"]],
  ["codex -- exec hi", ["exec", "hi"]],
  ["codex --port 8317 exec --port 1", ["exec", "--port", "1"]],
  ["codex -m gpt-x exec", ["-m", "gpt-x", "exec"]],
  ["codex exec -- -q", ["exec", "--", "-q"]],
];

for (const [line, given] of COMMAND_LINES) {
  Deno.test(`"${line}" gives Codex "${given.join(" ")}"`, async () => {
    const world = worldWithCodex();
    await world.run(line);
    assert.deepEqual(world.children[0]!.commandLine.slice(-given.length), given);
  });
}

Deno.test("codex login is run as it is, without a proxy", async () => {
  const world = new CliWorld();
  world.exitCodes["codex"] = 0;
  assert.equal((await world.run("codex login --device-auth")).code, 0);
  const { CLIPROXY_MANAGEMENT_KEY: _, ...env } = world.env;
  assert.deepEqual(world.children, [{ commandLine: ["codex", "login", "--device-auth"], env }]);
  assert.deepEqual(world.machine.processes.spawned, []);
});

Deno.test("CDX2_CODEX_BIN names the program to run", async () => {
  const world = worldWithCodex();
  world.env = { ...world.env, CDX2_CODEX_BIN: "/opt/codex" };
  world.exitCodes["/opt/codex"] = 0;
  await world.run("codex exec hi");
  assert.equal(world.children[0]!.commandLine[0], "/opt/codex");
});

Deno.test("codex ends with 127 and says how to install it when it is not there", async () => {
  const world = worldWithCodex();
  delete world.exitCodes["codex"];
  const { code, err } = await world.run("codex exec hi");
  assert.equal(code, 127);
  assert.match(err, /^Cannot run codex: .*\nhint: install it with "npm i -g @openai\/codex"/);
});

Deno.test("codex --key names the key in the address, and starts nothing for a name that means none", async () => {
  const world = worldWithCodex();
  await world.run("codex --key work exec");
  const address = 'openai_base_url="http://127.0.0.1:8317/cdx2-key/work.json/backend-api/codex"';
  assert.ok(world.children[0]!.commandLine.includes(address));
  const { code, err } = await world.run("codex --key none exec");
  assert.deepEqual([code, err, world.children.length], [
    1,
    'Cannot use the key: no key is called "none"\nhint: the keys are work.json (ann@example.com)\n',
    1,
  ]);
});
