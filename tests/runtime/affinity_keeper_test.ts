import assert from "node:assert/strict";
import { Affinity } from "../../src/auth/affinity.ts";
import { nameHash } from "../../src/auth/name_hash.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { affinityKeeper, readSavedAffinity } from "../../src/runtime/affinity_keeper.ts";
import { T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const PATH = "/auths/rr_proxy_v2.sessions.json";
const SESSION = nameHash("session", "my-session");
const ID = nameHash("id", "resp_1234");

function aRun(files = new MemoryFiles({ "/auths/a.json": "" })) {
  const clock = new FakeClock(T0);
  const events: ProxyEvent[] = [];
  const place = { files, clock, path: PATH, publish: (event: ProxyEvent) => void events.push(event) };
  const affinity = new Affinity();
  return { files, clock, events, place, affinity, keeper: affinityKeeper(place, affinity) };
}

Deno.test("affinityKeeper() brings sessions and ids over a restart, within two seconds", async () => {
  const { files, clock, affinity, keeper } = aRun();
  for (const file of ["a.json", "b.json"]) affinity.settle(SESSION, file, true, T0);
  affinity.remember([ID], "a.json", T0);
  keeper.save();
  await clock.advance(2000);
  const next = aRun(files);
  next.affinity.restore(await readSavedAffinity(next.place), T0);
  assert.deepEqual(next.affinity.servingKeysOf(SESSION, T0), ["b.json", "a.json"]);
  assert.equal(next.affinity.ownerOf(ID, T0), "a.json");
  assert.deepEqual(next.events, []);
});

Deno.test("readSavedAffinity() starts with nothing when there is no file, or none that can be used", async () => {
  const { files, place, events } = aRun();
  assert.deepEqual(await readSavedAffinity(place), { sessions: [], ids: [] });
  files.put(PATH, '{"$schema_version":9}');
  assert.deepEqual(await readSavedAffinity(place), { sessions: [], ids: [] });
  assert.equal(files.text(`${PATH}.set-aside`), '{"$schema_version":9}');
  assert.deepEqual(events.map(({ message }) => message), [
    "the sessions file cannot be used: it has version 9, not 1; it was set aside and sessions and ids are learned again",
  ]);
});
