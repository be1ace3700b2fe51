// The auth dir in bad shape: a full disk, pipes in the place of files, files that others can read, leftovers.

import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { Home, until } from "../../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../../support/service.ts";
import { smallDisk } from "../../support/small_disk.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY };
const isWindows = Deno.build.os === "windows";

async function makePipe(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success);
}

/** `[which file, the path, how a start ends]` */
const PIPES: readonly [string, (authDir: string) => string, RegExp][] = [
  ["the lock", (authDir) => runtimePaths(authDir).lockFile, /rr_proxy_v2\.lock: it is a pipe, not a file/],
  ["the state file", (authDir) => runtimePaths(authDir).stateFile, /^cdx2 proxy is running at /],
];

for (const [which, pathIn, says] of PIPES) {
  Deno.test({
    name: `a pipe in the place of ${which} hangs no command`,
    ignore: isWindows,
    fn: async () => {
      await using home = await Home.make(ENV);
      await makePipe(pathIn(home.authDir));
      const { stderr } = await home.run(["proxy"]);
      assert.match(stderr, says);
      for (const command of ["status", "stop"]) await home.run([command]);
      // What clears up after the test would wait for its other side.
      if ((await Deno.stat(pathIn(home.authDir))).isFifo) await Deno.remove(pathIn(home.authDir));
    },
  });
}

Deno.test({
  name: "files that others can read, and a folder that they can write, become private; leftovers go",
  ignore: isWindows,
  fn: async () => {
    await using home = await Home.make(ENV);
    const { authDir } = home;
    await home.addKey("work.json", "token-of-work");
    await Deno.writeTextFile(`${authDir}/.env`, "# mine\n");
    const leftover = `${authDir}/rr_proxy_v2.state.json.4194304-0a1b2c3d.tmp`;
    await Deno.writeTextFile(leftover, "{");
    const longAgo = new Date(Date.now() - 3_600_000);
    await Deno.utime(leftover, longAgo, longAgo);
    for (const [path, mode] of [["work.json", 0o644], [".env", 0o664], ["", 0o777]] as const) {
      await Deno.chmod(`${authDir}/${path}`, mode);
    }
    await Service.start(home);
    await until("the log says so", async () => (await home.run(["logs"])).stdout.includes("state.tidied"));
    const modes = ["work.json", ".env", ""].map(async (path) =>
      ((await Deno.stat(`${authDir}/${path}`)).mode! & 0o777).toString(8)
    );
    assert.deepEqual(await Promise.all(modes), ["600", "600", "755"]);
    await assert.rejects(Deno.stat(leftover), Deno.errors.NotFound);
    assert.match(
      (await home.run(["logs"])).stdout,
      /other users could reach the auth dir, \.env, work\.json; now/,
    );
  },
});

Deno.test({
  name: "a start on a full disk says so and starts nothing",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using home = await Home.make(ENV);
    await using disk = await smallDisk(home.authDir, 64);
    // Not tried where mounting is not permitted.
    if (disk === undefined) return;
    await Deno.writeFile(`${home.authDir}/filler`, new Uint8Array(60_000));
    for (const args of [["proxy"], ["proxy", "--foreground"]]) {
      const { code, stderr } = await home.run(args);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^Cannot write into the auth dir: .*no space left on device\nhint: free some space/,
      );
    }
    assert.equal((await home.run(["stop"])).code, 0);
    await Deno.remove(`${home.authDir}/filler`);
  },
});
