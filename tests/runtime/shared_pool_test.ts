import assert from "node:assert/strict";
import { shared } from "../../src/api/shared.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { joinShared, usedByAll } from "../../src/runtime/join_shared.ts";
import { systemClock } from "../../src/system/clock.ts";
import { KeyFolder } from "../../src/runtime/key_folder.ts";
import { POLICY } from "../support/builders.ts";
import { aJournal } from "../support/journal.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { assertIs } from "../support/pages.ts";
import { unusedPort } from "../support/unused_port.ts";

Deno.test("a proxy whose engine is away says so once, and shows no secret", async () => {
  const files = new MemoryFiles();
  files.put("/auths/a.json", JSON.stringify({ OPENAI_API_KEY: "sk-a" }));
  const journal = aJournal({ files });
  using keys = await KeyFolder.open({
    files,
    clock: systemClock,
    authDir: "/auths",
    reachable: [],
    policy: POLICY,
    journal,
  });
  const down = Promise.withResolvers<ProxyEvent>();
  const address = {
    hostname: "127.0.0.1",
    port: unusedPort(),
    isTls: false,
    caCerts: undefined,
    username: "user",
    password: "engine-password",
    database: 0,
  };
  const start = {
    address,
    secret: "a-pool-secret-of-more-than-32-characters",
    namespace: "team",
    member: "laptop",
    host: "laptop",
    memberId: "0".repeat(32),
    mayBeHome: true,
    claims: {},
  };
  await using member = (await joinShared({ shared: start, version: "1.0.0" }, {
    keys,
    clock: systemClock,
    publish: (event) => down.resolve(event),
    keepHome: () => Promise.resolve(true),
    renew: () => {},
    countWith: () => {},
  }))!;
  assert.equal((await down.promise).event, "shared.down");
  assert.match(
    String(await usedByAll(member, { days: 1, by: "key" })),
    /^the server of the shared pool cannot be asked: not connected$/,
  );
  const page = member.page();
  assertIs(shared, page);
  assert.deepEqual([page.state, page.reason, page.member], ["degraded", "connection refused", "laptop"]);
  for (const hidden of [start.secret, address.password]) {
    assert.ok(!JSON.stringify([page, await down.promise]).includes(hidden));
  }
});
