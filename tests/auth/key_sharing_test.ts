import assert from "node:assert/strict";
import type { KeyChange } from "../../src/auth/key_report.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import {
  judged,
  penaltiesEnded,
  type SharedChange,
  UNUSED_KEY,
  windowsRead,
} from "../../src/auth/shared_key.ts";
import { aRecord, aVerdict, OK, POLICY, REJECTED, SECOND, T0 } from "../support/builders.ts";

const REQUEST = {
  session: undefined,
  owner: undefined,
  pinned: undefined,
  mainOnly: false,
  model: undefined,
  tried: new Set<string>(),
  unreachable: new Set<string>(),
};

const NOBODY_ELSE = {
  runId: "run",
  isThere: () => true,
  told: () => Promise.resolve(),
  nextNews: () => Promise.resolve(),
};

function aPool() {
  const told: { file: string; change: SharedChange }[] = [];
  const changes: KeyChange[] = [];
  let listings = 0;
  const pool = new KeyPool(POLICY, (change) => changes.push(change));
  pool.sharing.connect({
    changed: ({ file }, change) => told.push({ file, change }),
    listed: () => void listings++,
    ...NOBODY_ELSE,
  }, "member");
  pool.merge([aRecord("a"), aRecord("b")], T0);
  const healthOf = (file: string) => pool.describe(T0).find(({ record }) => record.file === file)!.health;
  return { pool, told, changes, healthOf, listings: () => listings };
}

function reading(usedPercent: number, atMs: number) {
  const window = { limit: "codex", windowSeconds: 18_000, resetAtMs: undefined, source: "headers" } as const;
  return { ...window, usedPercent, atMs };
}

const EJECTED = judged({ ...aVerdict(REJECTED, T0), startedMs: T0 }, POLICY)(UNUSED_KEY);

Deno.test("a pool tells each change so that another one that makes it knows the same", () => {
  const { pool, told, healthOf } = aPool();
  const other = aPool();
  const lease = pool.lease(aRecord("a"), { ...REQUEST, picked: "turn" }, T0);
  pool.apply(lease, aVerdict(REJECTED, T0));
  const known = told.reduce((key, { change }) => change(key), UNUSED_KEY);
  other.pool.sharing.adopt("a.json", known, T0);
  assert.deepEqual(other.healthOf("a.json"), healthOf("a.json"));
  assert.equal(healthOf("a.json").state.kind, "blacklist");
  assert.ok(told.every(({ file }) => file === "a.json"));
});

Deno.test("a request with a proven key changes nothing that is worth telling", () => {
  const { pool, told, listings } = aPool();
  pool.lease(aRecord("a"), { ...REQUEST, picked: "turn" }, T0);
  assert.deepEqual([told.length, listings()], [0, 1]);
});

Deno.test("adopt() takes a health and reports it once, and is not told to others", () => {
  const { pool, told, changes, healthOf } = aPool();
  pool.sharing.adopt("a.json", EJECTED, T0);
  pool.sharing.adopt("a.json", structuredClone(EJECTED), T0);
  assert.deepEqual(changes.map(({ to, why }) => [to.state.kind, why]), [["blacklist", "shared"]]);
  assert.deepEqual([told.length, healthOf("a.json").state.kind], [0, "blacklist"]);
  pool.sharing.adopt("a.json", penaltiesEnded()(EJECTED), T0);
  assert.equal(healthOf("a.json").state.kind, "ok");
  pool.sharing.adopt("unknown.json", EJECTED, T0);
});

Deno.test("adopt() replaces a refusal that is over", () => {
  const { pool } = aPool();
  const refuse = (file: string, atMs: number) =>
    pool.apply({ record: aRecord(file), startedMs: atMs }, {
      ...aVerdict({ kind: "auth_rejected", code: "http_403" }, atMs),
      status: 403,
    });
  refuse("a", T0);
  pool.sharing.adopt("a.json", UNUSED_KEY, T0);
  // Both refused alike would be the upstream's fault; but the first refusal is not there any more.
  assert.equal(refuse("b", T0 + SECOND).kind, "auth_rejected");
});

Deno.test("adopt() keeps newer readings of windows and the last success, until somebody has readings forgotten", () => {
  const { pool } = aPool();
  const windowsOf = () => pool.describe(T0)[0]!.windows.map(({ usedPercent }) => usedPercent);
  pool.noteWindows(aRecord("a"), [reading(41, T0 + SECOND)]);
  pool.apply({ record: aRecord("a"), startedMs: T0 }, aVerdict(OK, T0 + SECOND));
  pool.sharing.adopt("a.json", windowsRead([reading(40, T0)])(UNUSED_KEY), T0);
  assert.deepEqual(windowsOf(), [41]);
  pool.sharing.adopt("a.json", windowsRead([reading(50, T0 + 2 * SECOND)])(UNUSED_KEY), T0);
  assert.deepEqual(windowsOf(), [50]);
  pool.sharing.adopt("a.json", UNUSED_KEY, T0);
  assert.deepEqual(windowsOf(), []);
});

/** The files of the keys that these many requests get, each with the key that is next. */
function served(pool: KeyPool, requests: number): readonly string[] {
  return Array.from({ length: requests }, () => {
    const { key, picked } = pool.pick(REQUEST, T0)!;
    pool.lease(key, { ...REQUEST, picked }, T0);
    return key.file;
  });
}

Deno.test("members begin with different keys, keep priorities, and then take turns in that order", () => {
  const names = "abcdef".split("");
  const records = names.map((name) => aRecord(name, { priority: name < "e" ? 1 : 0 }));
  const orders = Array.from({ length: 40 }, (_, at) => {
    const pool = new KeyPool(POLICY, () => {});
    // Keys that are there already, and keys that come later.
    pool.merge(records.slice(0, 3), T0);
    pool.sharing.connect({ changed: () => {}, listed: () => {}, ...NOBODY_ELSE }, `member-${at}`);
    pool.merge(records, T0);
    const files = served(pool, 8);
    assert.deepEqual(files.slice(0, 4).toSorted(), ["a.json", "b.json", "c.json", "d.json"]);
    assert.deepEqual(files.slice(4), files.slice(0, 4));
    return files;
  });
  assert.equal(new Set(orders.map(([first]) => first)).size, 4);
});

Deno.test("a pool alone begins with its first key", () => {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge("cab".split("").map((name) => aRecord(name)), T0);
  assert.deepEqual(served(pool, 3), ["c.json", "a.json", "b.json"]);
});
