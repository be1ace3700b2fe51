import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { PATHS, SERVICE_PID } from "../../support/service_world.ts";

Deno.test("status prints one fact per line and ends with 0 when the proxy answers", async () => {
  const world = new CliWorld();
  world.runService();
  const { code, out, err } = await world.run("status");
  assert.equal(code, 0);
  assert.equal(err, "");
  assert.match(out, /^state +running\nhealthy +yes\n/);
  assert.match(out, new RegExp(`^pid +${SERVICE_PID}$`, "m"));
  assert.match(out, /^uptime +1m$/m);
  assert.match(out, new RegExp(`^log +${PATHS.logFile}$`, "m"));
});

Deno.test("status ends with 1 without a proxy, and still prints what it knows", async () => {
  const { code, out } = await new CliWorld().run("status");
  assert.equal(code, 1);
  assert.match(out, /^state +stopped: no proxy is running\nhealthy +no\nhint +start it with "cdx2 proxy"\n/);
  assert.doesNotMatch(out, /^pid|null|undefined/m);
});

Deno.test("status --json has the fields that scripts read", async () => {
  const world = new CliWorld();
  world.runService();
  const {
    pid,
    pid_running,
    healthy,
    base_url,
    host,
    port,
    auth_count,
    state,
    uptime_seconds,
    log_file,
    events_file,
  } = JSON.parse((await world.run("status --json")).out);
  assert.deepEqual(
    {
      pid,
      pid_running,
      healthy,
      base_url,
      host,
      port,
      auth_count,
      state,
      uptime_seconds,
      log_file,
      events_file,
    },
    {
      pid: SERVICE_PID,
      pid_running: true,
      healthy: true,
      base_url: "http://127.0.0.1:8317",
      host: "127.0.0.1",
      port: 8317,
      auth_count: 2,
      state: "running",
      uptime_seconds: 60,
      log_file: PATHS.logFile,
      events_file: PATHS.eventsFile,
    },
  );
});

Deno.test("status shows the settings that are not defaults, and with --settings all of them", async () => {
  const world = new CliWorld();
  const source = (value: string | number | null, from: "flag" | "env_file" | "default") => ({
    value,
    source: from,
  });
  world.runService({
    settings: {
      port: source(8317, "env_file"),
      rotation: source("request", "flag"),
      hold_seconds: { ...source(20, "default"), unit: "seconds" },
      usage_base_url: source(null, "default"),
    },
  });
  const { out } = await world.run("status");
  assert.match(
    out,
    /\n\nsettings that are not defaults .*\n {2}port {6}8317 {5}\.env\n {2}rotation {2}request {2}flag\n$/,
  );
  const all = (await world.run("status --settings")).out;
  assert.match(all, /\n\nsettings\n/);
  assert.match(all, /^ {2}hold_seconds +20 seconds +default$/m);
  assert.match(all, /^ {2}usage_base_url +- +default$/m);
});

/** `[columns, how a setting looks]` */
const SIZES: readonly [columns: number, settings: string][] = [
  [140, "  upstream  http://a.company.example.com/backend-api  environment"],
  [60, "  upstream  http://a.company.example.com/backend-api\n            (environment)"],
  [40, "  upstream\nhttp://a.company.example.com/backend-api\n            (environment)"],
  [50, "  upstream\n          http://a.company.example.com/backend-api\n            (environment)"],
];

for (const [columns, settings] of SIZES) {
  Deno.test(`status at ${columns} columns breaks its lines between words`, async () => {
    const world = new CliWorld();
    world.terminal.outSize = { columns, rows: 24 };
    const value = "http://a.company.example.com/backend-api";
    world.runService({ settings: { upstream: { value, source: "environment" } } });
    const { out } = await world.run("status");
    assert.ok(out.endsWith(`\n${settings}\n`), out);
    const headings = out.split("\n").filter((line) => /^\S.*(?:settings|--)/.test(line));
    assert.ok(headings.every((line) => line.length <= columns), out);
  });
}
