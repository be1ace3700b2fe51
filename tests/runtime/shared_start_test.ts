import assert from "node:assert/strict";
import { sharedStart } from "../../src/runtime/shared_start.ts";
import { UserError } from "../../src/values/user_error.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { someSettings } from "../support/service_world.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const SECRET = "a-pool-secret-of-more-than-32-characters";

function settingsWith(env: Record<string, string>) {
  return someSettings({ env }).settings;
}

const SHARED = { CLIPROXY_SHARED: "rediss://u:pw@build/2", CLIPROXY_SHARED_SECRET: SECRET };

Deno.test("without the setting there is no shared pool", async () => {
  assert.equal(await sharedStart(new MemoryFiles(), settingsWith({}), "laptop"), undefined);
});

Deno.test("a member is called as its machine, unless it has a name", async () => {
  const start = await sharedStart(new MemoryFiles(), settingsWith(SHARED), "laptop");
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
  const named = await sharedStart(
    new MemoryFiles(),
    settingsWith({ ...SHARED, CLIPROXY_MEMBER: "ci" }),
    "laptop",
  );
  assert.equal(named?.member, "ci");
});

Deno.test("certificate authorities are read, and a file without one is refused by name", async () => {
  const files = new MemoryFiles();
  files.put("/ca.pem", PEM);
  files.put("/empty.pem", "");
  const withCa = (path: string) => settingsWith({ ...SHARED, CLIPROXY_SHARED_CA_FILE: path });
  assert.equal((await sharedStart(files, withCa("/ca.pem"), "laptop"))?.address.caCerts, PEM);
  for (const path of ["/empty.pem", "/missing.pem"]) {
    await assert.rejects(sharedStart(files, withCa(path), "laptop"), (error) => {
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
