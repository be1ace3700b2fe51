import assert from "node:assert/strict";
import { WrongKeys } from "../../src/proxy/wrong_keys.ts";

const T0 = 5_000;
const wrong = () => false;
const right = () => true;

/** The number of keys that were looked at. */
function lookedAt(keys: WrongKeys, address: string, count: number, nowMs: number): number {
  return Array.from({ length: count }, () => keys.check(address, wrong, nowMs))
    .filter(({ kind }) => kind === "wrong").length;
}

Deno.test("an address may present twenty wrong keys, then one every three seconds", () => {
  const keys = new WrongKeys();
  assert.equal(lookedAt(keys, "10.0.0.7", 1_000, T0), 20);
  assert.deepEqual(keys.check("10.0.0.7", right, T0), { kind: "wait", waitMs: 3_000 });
  assert.equal(lookedAt(keys, "10.0.0.7", 1_000, T0 + 2_999), 0);
  assert.equal(lookedAt(keys, "10.0.0.7", 1_000, T0 + 3_000), 1);
  assert.equal(lookedAt(keys, "10.0.0.7", 1_000, T0 + 12_000), 3);
});

Deno.test("a program with an old key that asks now and then is never in anybody's way", () => {
  const keys = new WrongKeys();
  for (let nowMs = T0; nowMs < T0 + 3_600_000; nowMs += 15_000) {
    assert.equal(keys.check("127.0.0.1", wrong, nowMs).kind, "wrong");
    assert.equal(keys.check("127.0.0.1", right, nowMs).kind, "right");
  }
});

Deno.test("one address does not slow down another", () => {
  const keys = new WrongKeys();
  lookedAt(keys, "10.0.0.7", 100, T0);
  assert.deepEqual(keys.check("10.0.0.8", right, T0), { kind: "right" });
});

/** `[address, another one, whether both count as one]` */
const NETWORKS: readonly [string, string, boolean][] = [
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::9", true],
  ["2001:db8:1:2::", "2001:db8:1:3::", false],
  ["2001:db8::1:2:3:4", "2001:db8:0:0:9:9:9:9", true],
  ["::1", "::2", true],
  ["fe80::1", "fe81::1", false],
  ["::ffff:10.0.0.7", "::ffff:10.0.0.8", false],
];
for (const [first, second, isOne] of NETWORKS) {
  Deno.test(`${first} and ${second} count as ${isOne ? "one address" : "two addresses"}`, () => {
    const keys = new WrongKeys();
    lookedAt(keys, first, 100, T0);
    assert.equal(keys.check(second, right, T0).kind, isOne ? "wait" : "right");
  });
}

Deno.test("the user is told once in ten minutes about an address that goes on", () => {
  const keys = new WrongKeys();
  const news: number[] = [];
  for (let nowMs = T0; nowMs < T0 + 21 * 60_000; nowMs += 500) {
    const verdict = keys.check("10.0.0.7", wrong, nowMs);
    if (verdict.kind === "wrong" && verdict.isNews) news.push(Math.round((nowMs - T0) / 60_000));
  }
  assert.deepEqual(news, [0, 10, 20]);
});

Deno.test("a thousand addresses are remembered, the latest ones", () => {
  const keys = new WrongKeys();
  for (let n = 0; n <= 1_000; n++) lookedAt(keys, `10.0.${n >> 8}.${n & 255}`, 20, T0);
  assert.equal(keys.check("10.0.0.0", right, T0).kind, "right");
  assert.equal(keys.check("10.0.3.232", right, T0).kind, "wait");
});
