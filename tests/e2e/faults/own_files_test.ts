// The files by which the service is found, lost while it runs: it writes them again, and until then the commands find
// it without them.

import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { readHolder } from "../../../src/runtime/process_record.ts";
import { Home, until } from "../../support/program.ts";
import { MANAGEMENT_KEY, saysStopped, Service } from "../../support/service.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY };

/** `[what, how it is lost]` */
const LOSSES: readonly [string, (home: Home) => Promise<void>][] = [
  ["the lock file is removed", ({ authDir }) => Deno.remove(runtimePaths(authDir).lockFile)],
  ["the lock file is emptied", ({ authDir }) => Deno.writeTextFile(runtimePaths(authDir).lockFile, "")],
  ["the folder is made again", async ({ authDir, folder }) => {
    // The service may be writing to it.
    await Deno.rename(authDir, `${folder}/removed`);
    await Deno.remove(`${folder}/removed`, { recursive: true });
    await Deno.mkdir(authDir);
  }],
];

for (const [what, lose] of LOSSES) {
  Deno.test(`${what}: a start finds the service, it signs again, and stop ends it`, async () => {
    await using home = await Home.make(ENV);
    const service = await Service.start(home);
    await lose(home);
    const again = await home.run(["proxy", "--json"]);
    assert.equal(again.code, 0, again.stderr);
    // When the folder is new, a start may be faster than the service: then the first one gives way.
    const { pid } = JSON.parse(again.stdout);
    if (what !== "the folder is made again") assert.equal(pid, service.pid);
    if (pid !== service.pid) await service.untilGone();
    const { lockFile, pidFile } = runtimePaths(home.authDir);
    await until("the lock file is signed", async () => {
      return readHolder(await Deno.readTextFile(lockFile).catch(() => ""))?.pid === pid;
    });
    await until("the pid file is back", async () => {
      return await Deno.readTextFile(pidFile).catch(() => "") === `${pid}\n`;
    });
    assert.match((await home.run(["stop"])).stderr, saysStopped(pid));
    await service.untilGone();
  });
}

Deno.test({
  name: "proxy --force ends a service that hangs and has lost all of its files",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using home = await Home.make({ ...ENV, CLIPROXY_DRAIN_SECONDS: "0.5" });
    const service = await Service.start(home);
    service.signal("SIGSTOP");
    const { lockFile, pidFile, stateFile } = runtimePaths(home.authDir);
    for (const path of [lockFile, pidFile, stateFile, `${home.authDir}/.env`]) await Deno.remove(path);
    const { code, stderr } = await home.run(["proxy", "--force"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /— restarted\n/);
    await service.untilGone();
  },
});

Deno.test("stop while a service is starting waits for it, and ends it in order", async () => {
  await using home = await Home.make({ ...ENV, CLIPROXY_DRAIN_SECONDS: "0.5" });
  const starting = home.start(["proxy"]);
  const { lockFile, eventsFile } = runtimePaths(home.authDir);
  await until("the lock is signed", async () => {
    return readHolder(await Deno.readTextFile(lockFile).catch(() => "")) !== undefined;
  });
  const { code, stderr } = await home.run(["stop"]);
  assert.equal(code, 0);
  assert.match(stderr, /^(?:waiting .*\n)*stopped the proxy/);
  await starting.finished;
  assert.match(await Deno.readTextFile(eventsFile), /"event":"proxy.stopped".*over the management API/);
});
