import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const FILE = "/home/ann/.codex/config.toml";
const BACKUP = `${FILE}.before-cdx2`;

function worldWith(config?: string, mode = 0o600): CliWorld {
  const world = new CliWorld();
  world.machine.processes.outputs.set("codex login status", "");
  if (config !== undefined) world.machine.files.put(FILE, config, mode);
  world.runService({ upstream_base_url: "https://chatgpt.com/backend-api" });
  return world;
}

Deno.test("setup codex writes the lines, keeps a copy, and --undo restores both", async () => {
  const before = 'model = "gpt-x"\n';
  const world = worldWith(before, 0o644);
  const { code, out, err } = await world.run("setup codex");
  assert.equal(code, 0, err);
  assert.equal(world.machine.files.text(FILE), out + before);
  assert.equal(world.machine.files.text(BACKUP), before);
  assert.equal((await world.machine.files.info(FILE))?.mode, 0o644);
  const undone = await world.run("setup codex --undo");
  assert.match(undone.err, /is as it was before/);
  assert.deepEqual([world.machine.files.text(FILE), world.machine.files.text(BACKUP)], [before, undefined]);
});

Deno.test("setup codex keeps a byte order mark and Windows line ends, and sees what is set after them", async () => {
  const before = "\uFEFFmodel_provider = 'azure'\r\n[profiles.x]\r\nmodel_provider = 'lab'\r\n";
  const world = worldWith(before);
  assert.match((await world.run("setup codex")).err, /sets model_provider = "azure"/);
  assert.equal(world.machine.files.text(FILE), before);
  assert.match((await world.run("setup codex --replace")).err, /the profile x names a provider of its own/);
  const routed = world.machine.files.text(FILE)!;
  assert.match(routed, /^\uFEFFmodel_provider = "openai" # set by cdx2 setup codex\r\n/);
  assert.equal(routed.split("\n").every((line) => line === "" || line.endsWith("\r")), true);
  assert.equal(world.machine.files.text(BACKUP), before);
  await world.run("setup codex --undo");
  assert.deepEqual([world.machine.files.text(FILE), world.machine.files.text(BACKUP)], [before, undefined]);
});

Deno.test("setup codex makes the file, and --undo removes it again", async () => {
  const world = worldWith();
  await world.run("setup codex");
  assert.match(world.machine.files.text(FILE)!, /^# this file was made for Codex/);
  await world.run("setup codex --undo");
  assert.equal(world.machine.files.text(FILE), undefined);
});

Deno.test("setup codex --undo keeps a file that it made and that Codex has written to", async () => {
  const world = worldWith();
  await world.run("setup codex");
  world.machine.files.put(FILE, `${world.machine.files.text(FILE)}model = "m"\n`);
  await world.run("setup codex --undo");
  assert.equal(world.machine.files.text(FILE), 'model = "m"\n');
});

Deno.test("setup codex keeps the copy when the file has changed in between", async () => {
  const world = worldWith("a = 1\n");
  await world.run("setup codex");
  world.machine.files.put(FILE, world.machine.files.text(FILE)!.replace("a = 1", "a = 2"));
  const { err } = await world.run("setup codex --undo");
  assert.match(err, /note: the file has changed since/);
  assert.deepEqual([world.machine.files.text(FILE), world.machine.files.text(BACKUP)], [
    "a = 2\n",
    "a = 1\n",
  ]);
});

Deno.test("setup codex keeps a link a link", async () => {
  const world = worldWith();
  world.machine.files.put("/dot/config.toml", "a = 1\n");
  world.machine.files.link(FILE, "/dot/config.toml");
  await world.run("setup codex");
  assert.match(world.machine.files.text("/dot/config.toml")!, /^model_provider/);
  assert.equal(world.machine.files.text(FILE), undefined, "not a file of its own");
});

Deno.test("setup codex --print changes nothing", async () => {
  const world = worldWith("a = 1\n");
  const { code, out, err } = await world.run("setup codex --print");
  assert.equal(code, 0);
  assert.match(
    out,
    /^model_provider = "openai" # set by cdx2 setup codex\nopenai_base_url = "http:\/\/127\.0\.0\.1:8317/,
  );
  assert.match(err, /these lines would be in/);
  assert.deepEqual([world.machine.files.text(FILE), world.machine.files.text(BACKUP)], [
    "a = 1\n",
    undefined,
  ]);
});

Deno.test("setup codex --print starts no proxy, and says that the port comes later", async () => {
  const world = new CliWorld();
  const { code, out, err } = await world.run("setup codex --print");
  assert.equal(code, 0, err);
  assert.match(err, /note: the port is chosen when/);
  assert.match(out, /127\.0\.0\.1:0\//);
  assert.deepEqual(world.machine.processes.spawned, []);
});

Deno.test("setup codex without a login of Codex gives it a provider that needs none", async () => {
  const world = worldWith("");
  world.machine.processes.outputs.delete("codex login status");
  const { out } = await world.run("setup codex");
  assert.match(
    out,
    /^model_provider = "cdx2".*\nopenai_base_url = .*\nmodel_providers\.cdx2\.name = "OpenAI"/,
  );
});

Deno.test("setup codex takes the login in the file for that of an IDE, when there is no codex to ask", async () => {
  const world = worldWith("");
  world.machine.processes.outputs.delete("codex login status");
  world.machine.files.put("/home/ann/.codex/auth.json", "{}");
  assert.match((await world.run("setup codex --print")).out, /^model_provider = "openai"/);
  world.machine.processes.outputs.set("codex --version", "codex-cli 0.169.0");
  assert.match((await world.run("setup codex --print")).out, /^model_provider = "cdx2"/);
});

Deno.test("setup codex refuses foreign values, shows them, and takes --replace", async () => {
  const before = 'openai_base_url = "https://lab"\n';
  const world = worldWith(before);
  const refused = await world.run("setup codex");
  assert.equal(refused.code, 1);
  assert.equal(
    refused.err,
    `Cannot route Codex: ${FILE} sets openai_base_url = "https://lab"\n` +
      'hint: make that a comment with "cdx2 setup codex --replace"; --undo brings it back\n',
  );
  assert.equal(world.machine.files.text(FILE), before);
  const replaced = await world.run("setup codex --replace");
  assert.match(replaced.err, /made a comment: openai_base_url = "https:\/\/lab"/);
  await world.run("setup codex --undo");
  assert.equal(world.machine.files.text(FILE), before);
});

Deno.test("setup codex names the profiles and the HTTP proxy that lead elsewhere", async () => {
  const world = worldWith('[profiles.lab]\nmodel_provider = "lab"\n');
  world.machine.files.put("/home/ann/.codex/work.config.toml", "\uFEFFopenai_base_url = 'http://x'\r\n");
  world.machine.files.put("/home/ann/.codex/fast.config.toml", "model = 'm'\n");
  world.machine.files.put("/home/ann/.codex/broken.config.toml", "a = \n");
  world.env = { ...world.env, HTTP_PROXY: "http://user:pw@squid:3128" };
  const { err } = await world.run("setup codex");
  assert.deepEqual(err.match(/(?<=the profile )\w+/g), ["lab", "work"]);
  assert.match(err, /HTTP proxy in HTTP_PROXY: add 127\.0\.0\.1,localhost to NO_PROXY/);
  assert.ok(!err.includes("pw@"));
});

Deno.test("setup codex keeps the port of a flag for every later start", async () => {
  const world = worldWith("");
  world.machine.files.put(`${AUTH_DIR}/.env`, "# mine\nCLIPROXY_PORT=1\n");
  await world.run("setup codex --port 8317");
  assert.equal(world.machine.files.text(`${AUTH_DIR}/.env`), "# mine\nCLIPROXY_PORT=8317\n");
});

Deno.test("setup codex --json tells what was done", async () => {
  const world = worldWith("a = 1\n");
  const answer = JSON.parse((await world.run("setup codex --json")).out);
  assert.deepEqual([answer.file, answer.did, answer.backup, answer.base_url, answer.added.length], [
    FILE,
    "wrote",
    BACKUP,
    "http://127.0.0.1:8317",
    7,
  ]);
  assert.equal(JSON.parse((await world.run("setup codex --json")).out).did, "nothing");
  assert.equal(JSON.parse((await world.run("setup codex --undo --json")).out).did, "undid");
  assert.equal(JSON.parse((await world.run("setup codex --undo --json")).out).did, "nothing");
});

/** `[the file, the error]` */
const WRONG: readonly (readonly [config: string, error: RegExp])[] = [
  ["a = \n", /^Cannot route Codex: .* is not TOML/],
  [
    "model_providers = { lab = { name = 'lab' } }\n",
    /^Cannot route Codex: no line can set model_providers\.cdx2/,
  ],
  ["a = '\uFFFD'\n", /^Cannot read the settings of Codex .*it is not UTF-8 text/],
];

for (const [config, error] of WRONG) {
  Deno.test(`setup codex changes nothing when the file is ${JSON.stringify(config)}`, async () => {
    const world = worldWith(config);
    world.machine.processes.outputs.delete("codex login status");
    const { code, err } = await world.run("setup codex");
    assert.equal(code, 1);
    assert.match(err, error);
    assert.equal(world.machine.files.text(FILE), config);
  });
}

Deno.test("setup codex on a full disk says so, and the file stays", async () => {
  const world = worldWith("a = 1\n");
  world.machine.files.failAt("/home/ann/.codex", "no_space");
  const { code, err } = await world.run("setup codex");
  assert.equal(code, 1);
  assert.match(err, /^note: .*|Cannot write the settings of Codex/);
  assert.equal(world.machine.files.text(FILE), "a = 1\n");
});
