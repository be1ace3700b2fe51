// Against a real server where there is one; what needs none is told from a server that answers with what a test says.

import assert from "node:assert/strict";
import { RedisStore } from "../../src/fleet/redis_store.ts";
import { MAX_NEW_NOTES_OF_DAY, StoreDown, type StoredRecord } from "../../src/fleet/shared_store.ts";
import { systemClock } from "../../src/system/clock.ts";
import { testWith } from "../support/installed.ts";
import { until } from "../support/program.ts";
import { RedisServer } from "../support/redis_server.ts";

const RECORD: StoredRecord = {
  version: 1,
  tag: "0123456789abcdef.00000001",
  keepMs: 60_000,
  text: "c2VhbGVk",
};

function aStore(port: number, over: { password?: string; namespace?: string } = {}) {
  const { password = "engine-password", namespace = "team" } = over;
  const address = {
    hostname: "127.0.0.1",
    port,
    isTls: false,
    caCerts: undefined,
    username: undefined,
    password,
    database: 0,
  };
  const store = new RedisStore({ address, namespace, clock: systemClock, randomShare: () => 0 });
  const told: string[] = [];
  const up = Promise.withResolvers<void>();
  const down = Promise.withResolvers<string>();
  let aheadMs = NaN;
  const watch = store.watch({
    up: () => up.resolve(),
    down: (reason) => down.resolve(reason),
    told: (name, { version, text }) => void told.push(`${name} ${version} ${text}`),
    clock: (ms) => void (aheadMs = ms),
  });
  return {
    store,
    told,
    up: up.promise,
    down: down.promise,
    aheadMs: () => aheadMs,
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

Deno.test("a store that is not there says why, and fails at once", async () => {
  using one = aStore(1);
  assert.equal(await one.down, "connection refused");
  await assert.rejects(one.store.put("n", RECORD), /not connected/);
});

testWith(
  "redis-server",
  "a Redis server keeps the first record of a version, tells all members, and forgets what has expired",
  async () => {
    await using server = new RedisServer();
    await server.start();
    using one = aStore(server.port);
    using two = aStore(server.port);
    using other = aStore(server.port, { namespace: "other" });
    await Promise.all([one.up, two.up, other.up]);
    assert.ok(Math.abs(one.aheadMs()) < 5000);
    assert.equal(await one.store.put("n", RECORD), undefined);
    const found = await two.store.put("n", { ...RECORD, tag: "other.1", text: "b3RoZXI=" });
    assert.deepEqual(found, { ...RECORD, keepMs: 0 });
    assert.equal(await two.store.put("n", { ...RECORD, version: 2, text: "bmV4dA==" }), undefined);
    await one.store.put("old", { ...RECORD, keepMs: -1000 });
    await server.cli("HSET", "{team}:records", "newer", "2;new");
    assert.deepEqual([...(await two.store.all())].map(([name, { version }]) => [name, version]), [["n", 2]]);
    assert.deepEqual([...(await other.store.all())], []);
    const kept = await server.cli("HGETALL", "{team}:records");
    assert.ok(!kept.includes("old"));
    assert.ok(kept.includes("2;new"), "a newer member may read it");
    assert.ok(one.told.includes("n 2 bmV4dA=="));
    assert.deepEqual(other.told, []);
    // Notes are found by who asks for them, are in no feed, and a refused command takes nothing else with it.
    const notes = [{ name: "s", text: "b25l", keepMs: 60_000 }, { name: "gone", text: "dHdv", keepMs: 1 }];
    await one.store.keep(notes);
    await one.store.keep([{ name: "s", text: "bmV3", keepMs: 3_600_000 }]);
    const isGone = async () => (await two.store.find(["gone"]))[0] === undefined;
    await until("the note has expired", isGone);
    assert.deepEqual(await two.store.find(["none", "s", "gone"]), [undefined, "bmV3", undefined]);
    assert.deepEqual(await other.store.find(["s"]), [undefined]);
    const ttlMs = Number((await server.cli("PTTL", "{team}:note:s")).replace(/\D/g, ""));
    assert.ok(ttlMs > 3_500_000 && ttlMs <= 3_600_000, `${ttlMs} ms`);
    assert.ok(!one.told.some((text) => text.includes("bmV3")));
    // Of a day that is full, only notes that are there already are kept.
    const day = String(Math.floor(Date.now() / 86_400_000));
    await server.cli("HSET", "{team}:notes", "day", day, "n", String(MAX_NEW_NOTES_OF_DAY));
    await one.store.keep([{ name: "s", text: "ZnVsbA==", keepMs: 3_600_000 }, {
      ...notes[0]!,
      name: "more",
    }]);
    assert.deepEqual(await one.store.find(["s", "more"]), ["ZnVsbA==", undefined]);
    await server.cli("HSET", "{team}:notes", "day", "1");
    await one.store.keep([{ ...notes[0]!, name: "more" }, { name: "s", text: "bmV3", keepMs: 3_600_000 }]);
    assert.deepEqual(await one.store.find(["more"]), ["b25l"]);
    await server.cli("SET", "{team}:note:wrong", "string");
    await assert.rejects(one.store.find(["wrong"]), StoreDown);
    assert.deepEqual(await one.store.find(["s"]), ["bmV3"]);
    // Full, and read-only: what it refuses makes it unusable, with the reason.
    await server.cli("CONFIG", "SET", "min-replicas-to-write", "1");
    await assert.rejects(one.store.put("n", { ...RECORD, version: 3 }));
    assert.match(await one.down, /^it answered NOREPLICAS$/);
  },
);

testWith("redis-server", "a wrong password is named, and not repeated", async () => {
  await using server = new RedisServer();
  await server.start();
  using one = aStore(server.port, { password: "not-the-password" });
  assert.equal(await one.down, "wrong user or password");
});
