import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Secret } from "../../src/values/secret.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { readSavedKeys, restoreKeys, stateKeeper } from "../../src/runtime/state_keeper.ts";
import { aRecord, aVerdict, OK, POLICY, REJECTED, T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const STATE_FILE = "/auths/rr_proxy_v2.state.json";
const SERVICE = {
  pid: 7,
  identity: "x",
  startedAt: "2027-01-15T08:00:00.000Z",
  version: "1",
  host: "h",
  port: 1,
};

/** One run of the proxy over the same files. */
function aRun(files: MemoryFiles) {
  const clock = new FakeClock(T0);
  const events: ProxyEvent[] = [];
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a"), aRecord("b")], T0);
  const publish = (event: ProxyEvent) => void events.push(event);
  const options = { files, clock, path: STATE_FILE, publish };
  const keeper = stateKeeper(options, { service: SERVICE, pool });
  const reject = (name: string) => {
    const verdict = aVerdict(REJECTED, T0, { status: 401, requestId: "req_1" });
    pool.apply({ record: aRecord(name), startedMs: T0 }, verdict);
  };
  const states = () => pool.describe(T0).map(({ health }) => health.state.kind).join(" ");
  return { options, events, pool, keeper, reject, states };
}

Deno.test("stateKeeper() brings penalties over a restart", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const first = aRun(files);
  first.reject("a");
  await first.keeper.flush();
  const second = aRun(files);
  restoreKeys(second.pool, [aRecord("a"), aRecord("b")], await readSavedKeys(second.options), T0);
  assert.equal(second.states(), "blacklist ok");
  assert.deepEqual(second.pool.describe(T0)[0]!.health, first.pool.describe(T0)[0]!.health);
});

Deno.test("restoreKeys() lets a key with another token start afresh", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const first = aRun(files);
  first.reject("a");
  await first.keeper.flush();
  const second = aRun(files);
  const renewed = [aRecord("a", { token: new Secret("renewed-token") })];
  restoreKeys(second.pool, renewed, await readSavedKeys(second.options), T0);
  assert.equal(second.states(), "ok ok");
});

Deno.test("stateKeeper() writes no token", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const { keeper, reject } = aRun(files);
  reject("a");
  await keeper.flush();
  assert.ok(files.text(STATE_FILE)!.includes("a.json"));
  assert.ok(!files.text(STATE_FILE)!.includes("token-of-a"));
});

Deno.test("stateKeeper() tells once of a disk that takes nothing, and goes on when it does", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const { keeper, events, reject } = aRun(files);
  files.failAt(STATE_FILE, "no_space");
  for (let i = 0; i < 3; i++) await keeper.flush();
  assert.deepEqual(events.map(({ event }) => event), ["state.not_saved"]);
  files.healAt(STATE_FILE);
  reject("a");
  await keeper.flush();
  assert.ok(files.text(STATE_FILE)!.includes("blacklist"));
});

/** `[what, text]` */
const DAMAGED = [
  ["cut short", '{"$schema_version":2,"service":{"pi'],
  ["of another version", '{"$schema_version":1,"keys":[]}'],
  ["empty", ""],
] as const;

for (const [what, text] of DAMAGED) {
  Deno.test(`readSavedKeys() sets a state file aside that is ${what}, and says so`, async () => {
    const files = new MemoryFiles({ [STATE_FILE]: text });
    const { options, events } = aRun(files);
    assert.deepEqual(await readSavedKeys(options), []);
    assert.equal(files.text(`${STATE_FILE}.set-aside`), text);
    assert.deepEqual(events.map(({ event, level }) => [event, level]), [["state.set_aside", "warning"]]);
  });
}

Deno.test("readSavedKeys() sets a folder aside that stands where the state file belongs", async () => {
  const files = new MemoryFiles({ [`${STATE_FILE}/notes.txt`]: "" });
  const { options, events } = aRun(files);
  assert.deepEqual(await readSavedKeys(options), []);
  assert.equal(await files.info(STATE_FILE), undefined);
  assert.match(events[0]!.message, /it was set aside/);
});

Deno.test("readSavedKeys() claims nothing about a state file that cannot be moved", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const { options, events } = aRun(files);
  files.failAt(STATE_FILE, "denied");
  assert.deepEqual(await readSavedKeys(options), []);
  assert.match(events[0]!.message, /permission denied; it could not be set aside/);
  assert.deepEqual(events[0]!.fields, {});
});

Deno.test("readSavedKeys() has nothing to say about a first start", async () => {
  const { options, events } = aRun(new MemoryFiles({ "/auths/a.json": "{}" }));
  assert.deepEqual(await readSavedKeys(options), []);
  assert.deepEqual(events, []);
});

Deno.test("stateKeeper() keeps nothing of keys that are well", async () => {
  const files = new MemoryFiles({ [STATE_FILE]: "" });
  const { keeper, pool, reject } = aRun(files);
  reject("a");
  pool.reset({}, T0);
  const verdict = aVerdict(OK, T0, { status: 200 });
  pool.apply({ record: aRecord("b"), startedMs: T0 }, verdict);
  await keeper.flush();
  assert.deepEqual(JSON.parse(files.text(STATE_FILE)!).keys, []);
});
