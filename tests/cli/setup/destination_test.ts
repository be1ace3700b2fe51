import assert from "node:assert/strict";
import { aLaptop, CLIENT_KEY, REMOTE } from "../../support/gateway.ts";

const FILE = "/home/ann/.codex/config.toml";

Deno.test("setup codex leads plain codex to the gateway, with the client key from its environment", async () => {
  const before = 'model = "gpt-x"\n';
  const world = aLaptop();
  world.machine.processes.outputs.set("codex login status", "");
  world.machine.files.put(FILE, before);
  const printed = await world.run("setup codex --print");
  assert.equal(printed.code, 0, printed.err);
  assert.equal(world.machine.files.text(FILE), before);
  const { code, out, err } = await world.run("setup codex");
  assert.equal(code, 0, err);
  assert.equal(out, printed.out);
  assert.equal(world.machine.files.text(FILE), out + before);
  assert.deepEqual(out.replaceAll(" # set by cdx2 setup codex", "").trimEnd().split("\n"), [
    'model_provider = "cdx2"',
    'model_providers.cdx2.name = "OpenAI"',
    `model_providers.cdx2.base_url = "${REMOTE}/backend-api/codex"`,
    'model_providers.cdx2.wire_api = "responses"',
    'model_providers.cdx2.env_key = "CLIPROXY_CLIENT_KEY"',
    "model_providers.cdx2.supports_websockets = true",
  ]);
  assert.match(err, /Codex is routed to https:\/\/gateway\.example by 6 lines/);
  assert.match(err, /note: Codex reads the client key from CLIPROXY_CLIENT_KEY/);
  assert.ok(!(out + err).includes(CLIENT_KEY));
  assert.deepEqual(world.machine.processes.spawned, [], "no proxy is started here");
  await world.run("setup codex --undo");
  assert.equal(world.machine.files.text(FILE), before);
});

Deno.test("setup codex changes nothing while the gateway does not let this machine in", async () => {
  const refused = { error: { type: "client_key_needed", message: "no" } };
  const answer = () => Response.json(refused, { status: 401, headers: { "x-cdx2-request-id": "r" } });
  const world = aLaptop({}, answer);
  const { code, err } = await world.run("setup codex");
  assert.equal(code, 2);
  assert.match(err, /it does not know this client key/);
  assert.equal(world.machine.files.text(FILE), undefined);
});
