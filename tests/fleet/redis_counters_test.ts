import assert from "node:assert/strict";
import { RedisCounters } from "../../src/fleet/redis_counters.ts";
import { MAX_COUNTERS_OF_DAY } from "../../src/fleet/shared_store.ts";
import { RedisConnection } from "../../src/system/redis.ts";
import { systemClock } from "../../src/system/clock.ts";
import { testWith } from "../support/installed.ts";
import { RedisServer } from "../support/redis_server.ts";

testWith(
  "redis-server",
  "a Redis server keeps the last counters of each name, until the day expires or is full",
  async () => {
    await using server = new RedisServer();
    await server.start();
    const connection = await RedisConnection.open(server.address, {
      clock: systemClock,
      timeoutMs: 5000,
      onMessage: () => {},
    });
    const counters = new RedisCounters((...words) => connection.call(...words), "team");
    const [one, two] = [{ name: "one", text: "MQ==" }, { name: "two", text: "Mg==" }];
    await counters.keepCounters("2027-01-14", [one], 60_000);
    await counters.keepCounters("2027-01-14", [two, { ...one, text: "bmV3" }], 60_000);
    assert.deepEqual(await counters.countersOf(["2027-01-13", "2027-01-14"]), [[], [
      { ...one, text: "bmV3" },
      two,
    ]]);
    const ttlMs = Number((await server.cli("PTTL", "{team}:usage:2027-01-14")).replace(/\D/g, ""));
    assert.ok(ttlMs > 50_000 && ttlMs <= 60_000, `${ttlMs} ms`);
    const many = Array.from(
      { length: MAX_COUNTERS_OF_DAY + 10 },
      (_, at) => ({ name: `name-${at}`, text: "eA==" }),
    );
    for (let at = 0; at < many.length; at += 500) {
      await counters.keepCounters(
        "full",
        many.slice(at, at + 500),
        60_000,
      );
    }
    await counters.keepCounters("full", [{ name: "name-0", text: "bmV3" }], 60_000);
    const [full] = await counters.countersOf(["full"]);
    assert.equal(full!.length, MAX_COUNTERS_OF_DAY);
    assert.equal(full!.find(({ name }) => name === "name-0")?.text, "bmV3");
    connection.close();
  },
);
