import assert from "node:assert/strict";
import { NameLookups } from "../../src/system/name_lookup.ts";
import { FakeClock } from "../support/fake_clock.ts";

const NAME = { hostname: "upstream.test", port: 443 };

function aWorld() {
  const clock = new FakeClock();
  const looks: PromiseWithResolvers<readonly string[]>[] = [];
  const names = new NameLookups(() => {
    const look = Promise.withResolvers<readonly string[]>();
    looks.push(look);
    return look.promise;
  }, clock);
  return { clock, looks, names };
}

Deno.test("NameLookups looks up a name once for all who ask meanwhile, and for 2 s more", async () => {
  const { clock, looks, names } = aWorld();
  const asked = [names.of(NAME), names.of(NAME)];
  assert.equal(names.isPending(NAME), true);
  looks[0]!.resolve(["::1", "127.0.0.1"]);
  assert.deepEqual(await Promise.all(asked), [["::1", "127.0.0.1"], ["::1", "127.0.0.1"]]);
  assert.equal(names.isPending(NAME), false);
  await clock.advance(1999);
  await names.of(NAME);
  assert.equal(looks.length, 1);
  await clock.advance(1);
  void names.of(NAME);
  assert.equal(looks.length, 2);
});

Deno.test("NameLookups keeps names and ports apart", () => {
  const { looks, names } = aWorld();
  for (const name of [NAME, { ...NAME, port: 80 }, { ...NAME, hostname: "other.test" }]) void names.of(name);
  assert.equal(looks.length, 3);
});

Deno.test("NameLookups looks up a name again after a failure", async () => {
  const { clock, looks, names } = aWorld();
  const first = names.of(NAME);
  looks[0]!.reject(new Error("no such name"));
  await assert.rejects(first, /no such name/);
  assert.deepEqual([names.isPending(NAME), clock.pendingTimers], [false, 0]);
  const second = names.of(NAME);
  looks[1]!.resolve(["127.0.0.1"]);
  assert.deepEqual(await second, ["127.0.0.1"]);
});
