// Tokens in the keyring of the system, with a `secret-tool` of the test.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { IN_EACH_TOKEN, startIssuer } from "../support/issuer.ts";
import { homeAt } from "../support/issuer_home.ts";
import { until } from "../support/program.ts";
import { SecretTool } from "../support/secret_tool.ts";
import { Service } from "../support/service.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name:
    "keys in the keyring serve, are renewed and follow every command; no file, log or argument holds a token",
  ignore,
  fn: async () => {
    await using issuer = await startIssuer();
    await using home = await homeAt(issuer);
    const tool = await SecretTool.make(home.folder);
    Object.assign(home.env, { PATH: tool.path, CLIPROXY_KEYRING: "on" });
    const [due, idle] = [issuer.mint({ ttlS: 240, ageS: 36_000 }), issuer.mint({ ttlS: 36_000 })];
    await Deno.writeTextFile(`${home.authDir}/due.json`, issuer.authFile(due), { mode: 0o600 });
    const source = `${home.folder}/idle.json`;
    await Deno.writeTextFile(source, issuer.authFile(idle));
    assert.equal((await home.run(["auth", "import", source, "--name", "idle"])).code, 0);
    assert.equal((await home.run(["auth", "migrate", "--to", "keyring"])).code, 0);
    assert.equal(tool.items().length, 2);

    const service = await Service.start(home);
    const untilRenewed = async (family: typeof due, what: string) => {
      await until(`${what} is renewed`, () => family.refreshes === 1);
      // A renewal that is not kept yet is one that `auth refresh` takes part in.
      const isKept = () => tool.items().join().includes(family.current.refresh_token);
      await until(`the new token of ${what} is in the keyring`, isKept);
    };
    await untilRenewed(due, "the key that is due");
    issuer.expire(idle);
    for (let count = 0; count < 4; count++) assert.equal(await service.askForStatus(), 200);
    await untilRenewed(idle, "the refused key");
    assert.deepEqual([issuer.reuses, (await service.accounts()).length], [0, 2]);

    const { code, stderr } = await home.run(["auth", "refresh", "idle"]);
    assert.equal(code, 0, stderr);
    assert.equal(idle.refreshes, 2);
    const { eventsFile, logFile, stateFile } = runtimePaths(home.authDir);
    const files = ["due.json", "idle.json"].map((name) => `${home.authDir}/${name}`);
    for (const path of [...files, eventsFile, logFile, stateFile]) {
      assert.doesNotMatch(await Deno.readTextFile(path), IN_EACH_TOKEN, path);
    }
    assert.doesNotMatch(tool.log(), IN_EACH_TOKEN);

    await tool.behave("locked");
    const { stdout, stderr: notes } = await home.run(["auth", "list"]);
    assert.match(
      notes,
      /the proxy goes on with the tokens that it has of due\.json, idle\.json: the keyring is locked/,
    );
    assert.match(stdout, /due\.json: cannot be read: its tokens are in the keyring: the keyring is locked/);
    assert.equal(await service.askForStatus(), 200, "the proxy goes on with the tokens that it has");
    await tool.behave("no_service");
    const refused = await home.run(["auth", "login"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Cannot log in: there is no keyring in this session/);

    await tool.behave("open");
    assert.equal((await home.run(["auth", "remove", "due", "--yes"])).code, 0);
    assert.equal((await home.run(["auth", "migrate", "--to", "file"])).code, 0);
    assert.deepEqual(tool.items(), []);
    assert.equal(await service.askForStatus(), 200);
  },
});

Deno.test({
  name:
    "auth migrate may be killed at any moment: the key can always be used, and the next run ends the move",
  ignore,
  fn: async () => {
    await using issuer = await startIssuer();
    await using home = await homeAt(issuer);
    const tool = await SecretTool.make(home.folder);
    Object.assign(home.env, { PATH: tool.path });
    const path = `${home.authDir}/work.json`;
    const family = issuer.mint({ ttlS: 36_000 });
    await Deno.writeTextFile(path, issuer.authFile(family), { mode: 0o600 });
    const before = JSON.parse(await Deno.readTextFile(path));
    for (const to of ["keyring", "file"]) {
      // Killed as soon as the file or the log of the tool changes: each time a little later.
      const looks = [
        await Deno.readTextFile(path),
        await Deno.readTextFile(`${tool.folder}/log`).catch(() => ""),
      ];
      const running = home.start(["auth", "migrate", "--to", to]);
      await until("it has begun", async () =>
        (await Deno.readTextFile(path)) !== looks[0] ||
        (await Deno.readTextFile(`${tool.folder}/log`).catch(() => "")) !== looks[1]);
      running.kill();
      const { stdout } = await home.run(["auth", "list", "--json"]);
      assert.equal(JSON.parse(stdout).files[0].usable, true, to);
      assert.equal((await home.run(["auth", "migrate", "--to", to])).code, 0);
      assert.equal(tool.items().length, to === "keyring" ? 1 : 0);
    }
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), before);
  },
});
