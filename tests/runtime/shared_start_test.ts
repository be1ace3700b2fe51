import assert from "node:assert/strict";
import { LoginHomes } from "../../src/credentials/login_homes.ts";
import { sharedStart } from "../../src/runtime/shared_start.ts";
import { UserError } from "../../src/values/user_error.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { someSettings } from "../support/service_world.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const SECRET = "a-pool-secret-of-more-than-32-characters";

/** The start of a member on the machine `laptop`. */
async function started(
  env: Record<string, string>,
  { files = new MemoryFiles(), ci = undefined as string | undefined } = {},
) {
  const place = {
    files,
    homes: new LoginHomes(files, "/refresh"),
    env: ci === undefined ? {} : { CI: ci },
    machineName: "laptop",
  };
  return await sharedStart(place, settingsWith(env));
}

function settingsWith(env: Record<string, string>) {
  return someSettings({ env }).settings;
}

const SHARED = { CLIPROXY_SHARED: "rediss://u:pw@build/2", CLIPROXY_SHARED_SECRET: SECRET };

Deno.test("without the setting there is no shared pool", async () => {
  assert.equal(await started({}), undefined);
});

Deno.test("a member is called as its machine, unless it has a name", async () => {
  const start = await started(SHARED);
  assert.deepEqual([start?.member, start?.secret, start?.namespace], ["laptop", SECRET, "cdx2"]);
  assert.deepEqual(start?.address, {
    hostname: "build",
    port: 6379,
    isTls: true,
    caCerts: undefined,
    username: "u",
    password: "pw",
    database: 2,
  });
  assert.deepEqual(structuredClone(start), start, "the worker gets a copy");
  const named = await started({ ...SHARED, CLIPROXY_MEMBER: "ci" });
  assert.equal(named?.member, "ci");
});

Deno.test("certificate authorities are read, and a file without one is refused by name", async () => {
  const files = new MemoryFiles();
  files.put("/ca.pem", PEM);
  files.put("/empty.pem", "");
  const withCa = (path: string) => started({ ...SHARED, CLIPROXY_SHARED_CA_FILE: path }, { files });
  assert.equal((await withCa("/ca.pem"))?.address.caCerts, PEM);
  for (const path of ["/empty.pem", "/missing.pem"]) {
    await assert.rejects(withCa(path), (error) => {
      return error instanceof UserError && error.message.includes(path);
    });
  }
});

Deno.test("a shared pool without its secret is refused, with the command that makes one", () => {
  assert.throws(() => settingsWith({ CLIPROXY_SHARED: "redis://u:hush@build" }), (error) => {
    assert.ok(error instanceof UserError && error.exitCode === 2);
    assert.ok(!error.message.includes("hush"));
    return error.hint!.includes("cdx2 pool secret");
  });
});

Deno.test("a member keeps its id, and a job of a CI system may not be a home unless it is told to be", async () => {
  const files = new MemoryFiles();
  const first = await started(SHARED, { files });
  assert.match(first!.memberId, /^[0-9a-f]{32}$/);
  assert.equal((await started(SHARED, { files }))?.memberId, first!.memberId);
  const cases: readonly (readonly [Record<string, string>, string | undefined, boolean])[] = [
    [{}, undefined, true],
    [{}, "", true],
    [{}, "false", true],
    [{}, "true", false],
    [{}, "1", false],
    [{ CLIPROXY_POOL_HOME: "on" }, "true", true],
    [{ CLIPROXY_POOL_HOME: "off" }, undefined, false],
    [{ CLIPROXY_REFRESH: "off" }, undefined, false],
  ];
  for (const [env, ci, mayBeHome] of cases) {
    assert.equal(
      (await started({ ...SHARED, ...env }, { ci }))?.mayBeHome,
      mayBeHome,
      JSON.stringify([env, ci]),
    );
  }
});
