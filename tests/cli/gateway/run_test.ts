import assert from "node:assert/strict";
import type { CliWorld } from "../../support/cli_world.ts";
import type { FakeSend } from "../../support/fake_send.ts";
import { aLaptop, CLIENT_KEY, MANAGEMENT, REMOTE } from "../../support/gateway.ts";

Deno.test("codex gets a provider with the client key in its environment, and no login is used", async () => {
  const world = aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT });
  world.machine.processes.outputs.set("codex login status", "");
  assert.equal((await world.run("codex --key work exec", "say hi")).code, 3);
  const [{ commandLine, env }] = world.children as [CliWorld["children"][number]];
  const settings = commandLine.filter((_, n) => commandLine[n - 1] === "-c");
  assert.deepEqual(settings, [
    'model_provider="cdx2"',
    'model_providers.cdx2.name="OpenAI"',
    `model_providers.cdx2.base_url="${REMOTE}/cdx2-key/work/backend-api/codex"`,
    'model_providers.cdx2.wire_api="responses"',
    'model_providers.cdx2.env_key="CLIPROXY_CLIENT_KEY"',
    "model_providers.cdx2.supports_websockets=true",
  ]);
  assert.equal(env["CLIPROXY_CLIENT_KEY"], CLIENT_KEY);
  assert.ok(!JSON.stringify([commandLine, env]).includes(MANAGEMENT));
  assert.ok(!JSON.stringify(commandLine).includes(CLIENT_KEY));
  const [{ url, headers }] = world.upstream.requests as [FakeSend["requests"][number]];
  assert.deepEqual([url, headers.get("authorization")], [`${REMOTE}/cdx2/client`, `Bearer ${CLIENT_KEY}`]);
});

Deno.test("run gives a program the client key in the place of the user's own", async () => {
  const world = aLaptop({ OPENAI_API_KEY: "sk-own" });
  assert.equal((await world.run("run -- python", "ask.py")).code, 4);
  const [{ commandLine, env }] = world.children as [CliWorld["children"][number]];
  assert.deepEqual(commandLine, ["python", "ask.py"]);
  assert.deepEqual([env["OPENAI_BASE_URL"], env["OPENAI_API_KEY"]], [REMOTE, CLIENT_KEY]);
});

Deno.test("a key that the gateway does not know stops a program before it starts", async () => {
  const refused = { error: { type: "client_key_needed", message: "no" } };
  const world = aLaptop(
    {},
    () => Response.json(refused, { status: 401, headers: { "x-cdx2-request-id": "r" } }),
  );
  const { code, err } = await world.run("run -- python");
  assert.equal(code, 2);
  assert.match(err, /it does not know this client key\nhint: set another CLIPROXY_CLIENT_KEY/);
  assert.equal(world.children.length, 0);
});

Deno.test("a chat that began with a login is not opened past the gateway", async () => {
  const world = aLaptop();
  const id = "019ab000-0000-7000-8000-000000000001";
  const day = new Date(parseInt("019ab0000000", 16));
  const two = (part: number) => String(part).padStart(2, "0");
  const folder = `/home/ann/.codex/sessions/${day.getFullYear()}/${two(day.getMonth() + 1)}/${
    two(day.getDate())
  }`;
  const head = { type: "session_meta", payload: { id, model_provider: "openai" } };
  world.machine.files.put(`${folder}/rollout-2025-11-23T00-00-00-${id}.jsonl`, `${JSON.stringify(head)}\n`);
  const { code, err } = await world.run(`codex resume ${id}`);
  assert.equal(code, 1);
  assert.match(err, /began with the provider openai\nhint: open it with plain codex/);
  assert.equal(world.children.length, 0);
});
