import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR, SERVICE_PID } from "../../support/service_world.ts";

const FILE = "/home/ann/.config/systemd/user/cdx2.service";
const SYSTEMCTL = [
  "daemon-reload",
  "enable cdx2.service",
  "start cdx2.service",
  "disable --now cdx2.service",
];

/** A machine with a systemd that starts the proxy when it is told to. */
function worldWithSystemd(): CliWorld {
  const world = new CliWorld();
  const { CLIPROXY_MANAGEMENT_KEY: _, ...env } = world.env;
  world.env = env;
  world.machine.files.put(`${AUTH_DIR}/.env`, "CLIPROXY_MANAGEMENT_KEY=management-key\n");
  const { processes } = world.machine;
  const outputOf = processes.outputOf.bind(processes);
  for (const line of SYSTEMCTL) processes.outputs.set(`systemctl --user ${line}`, "");
  processes.outputOf = (command, args) => {
    if (args.join(" ") === "--user start cdx2.service") {
      world.runService();
      processes.outputs.set("systemctl --user is-active --quiet cdx2.service", "");
    }
    return outputOf(command, args);
  };
  return world;
}

Deno.test("service install writes the unit and has systemd start the proxy", async () => {
  const world = worldWithSystemd();
  const { code, err } = await world.run("service install --memory-max 1G");
  assert.equal(code, 0, err);
  assert.match(world.machine.files.text(FILE)!, /^ExecStart="\/opt\/cdx2" "proxy" "--foreground"/m);
  assert.match(world.machine.files.text(FILE)!, /^MemoryMax=1G$/m);
  assert.match(
    err,
    /^systemd starts the proxy at each login: .*\ncdx2 proxy is running at http:\/\/127\.0\.0\.1:8317/,
  );
  assert.deepEqual(world.machine.processes.spawned, [], "nothing was started past systemd");
});

Deno.test("service install stops a proxy that runs on its own", async () => {
  const world = worldWithSystemd();
  world.runService();
  const { processes } = world.machine;
  const outputOf = processes.outputOf.bind(processes);
  let ranAtStart: boolean | undefined;
  processes.outputOf = (command, args) => {
    if (args.includes("start")) ranAtStart = processes.isAlive(SERVICE_PID);
    return outputOf(command, args);
  };
  const { code, err } = await world.run("service install");
  assert.equal(code, 0, err);
  assert.equal(ranAtStart, false);
});

Deno.test("service install keeps flags for the service, and says what else of this shell it lacks", async () => {
  const world = worldWithSystemd();
  world.env = { ...world.env, CLIPROXY_HOLD_SECONDS: "5", HTTPS_PROXY: "http://ann:secret@squid" };
  const { err } = await world.run("service install --port 8317");
  assert.match(world.machine.files.text(`${AUTH_DIR}/.env`)!, /^CLIPROXY_PORT=8317$/m);
  assert.match(err, /does not have CLIPROXY_HOLD_SECONDS of this shell: write it into \/keys\/\.env/);
  assert.match(err, /does not have HTTPS_PROXY of this shell, because it holds a password/);
  assert.ok(!(err + world.machine.files.text(FILE)).includes("secret"));
});

Deno.test("service install leaves nothing where systemd does not run, and a running proxy alone", async () => {
  const world = new CliWorld();
  world.runService();
  const { code, err } = await world.run("service install");
  assert.equal(code, 1);
  assert.match(
    err,
    /^Cannot install the service: "systemctl --user daemon-reload" failed\nhint: run it to see why/,
  );
  assert.equal(world.machine.files.text(FILE), undefined);
  assert.equal(world.machine.processes.isAlive(SERVICE_PID), true);
});

Deno.test("service install refuses a size that systemd does not know", async () => {
  assert.equal((await new CliWorld().run("service install --memory-max lots")).code, 2);
});

Deno.test("service status, uninstall and the way back", async () => {
  const world = worldWithSystemd();
  const before = await world.run("service status");
  assert.deepEqual([before.code, before.out.split("\n")[0]], [
    1,
    'installed  no; "cdx2 service install" does it',
  ]);
  await world.run("service install");
  const { code, out } = await world.run("service status");
  assert.equal(code, 0);
  assert.equal(
    out,
    `installed  yes: ${FILE}\nactive     yes, systemd runs it\nproxy      running at http://127.0.0.1:8317\n`,
  );
  assert.match((await world.run("service uninstall")).err, /^removed /);
  assert.equal(world.machine.files.text(FILE), undefined);
  assert.match((await world.run("service uninstall")).err, /^there is no service/);
});

Deno.test("stop says that the service is back at the next login", async () => {
  const world = worldWithSystemd();
  assert.doesNotMatch((await world.run("stop")).err, /service/);
  await world.run("service install");
  assert.match((await world.run("stop")).err, /note: systemd starts it again at the next login/);
});

Deno.test("proxy starts the service where it is installed", async () => {
  const world = worldWithSystemd();
  await world.run("service install");
  await world.run("stop");
  const { code, err } = await world.run("proxy");
  assert.equal(code, 0, err);
  assert.deepEqual(world.machine.processes.spawned, []);
});

Deno.test("service logs shows what the journal has", async () => {
  const world = worldWithSystemd();
  world.exitCodes["journalctl"] = 0;
  assert.equal((await world.run("service logs -n 5 --follow")).code, 0);
  assert.deepEqual(world.children[0]?.commandLine, [
    ...["journalctl", "--user", "--unit", "cdx2.service", "--lines", "5", "--follow"],
  ]);
});

Deno.test("service says on other systems what there is not", async () => {
  const world = new CliWorld();
  world.platform = { ...world.platform, system: "other" };
  assert.match((await world.run("service status")).err, /^Cannot install a service/);
  world.platform = { ...world.platform, system: "windows" };
  assert.match((await world.run("service logs")).err, /^There is no output of the service/);
});
