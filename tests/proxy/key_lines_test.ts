import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { cellsOf } from "../../src/screen/cells.ts";
import { keyLines, noKeyLines } from "../../src/proxy/key_lines.ts";
import { aRecord, aVerdict, limitedUntil, POLICY, T0 } from "../support/builders.ts";

function aPool() {
  const pool = new KeyPool(POLICY, () => {});
  const judge = (name: string, outcome: Outcome) =>
    pool.apply(
      { record: aRecord(name), startedMs: T0 },
      aVerdict(outcome, T0, { status: 1, requestId: "req_1" }),
    );
  return { pool, judge };
}

Deno.test("keyLines() names each key, its cause and the command to type", () => {
  const { pool, judge } = aPool();
  const off = aRecord("off", { isDisabled: true });
  const old = aRecord("old", { expiresAtMs: T0 - 1 });
  pool.merge([aRecord("dead"), off, old, aRecord("odd"), aRecord("full")], T0);
  judge("dead", { kind: "auth_rejected", code: "token_revoked" });
  judge("odd", { kind: "auth_rejected", code: "never_seen" });
  judge("full", limitedUntil(T0 + 1000));
  assert.equal(
    keyLines("cdx2 has no usable key.", pool.describe(T0), new Map()),
    `\
cdx2 has no usable key.

  dead.json  blacklisted: its token was revoked (token_revoked)
             -> log in again with "cdx2 auth login --replace dead"
  off.json   disabled
             -> use it again with "cdx2 auth enable off"
  old.json   expired: its token has expired
             -> log in again with "cdx2 auth login --replace old"
  odd.json   blacklisted: never_seen
  full.json  cooldown: the account has used up its usage limit (usage_limit_reached)

Type "cdx2 doctor" to see more.
`,
  );
});

Deno.test("keyLines() says what a key was refused for, when that has not ejected it", () => {
  const { pool } = aPool();
  pool.merge([aRecord("a"), aRecord("b")], T0);
  const text = keyLines("summary", pool.describe(T0), new Map([["a.json", "account_deactivated"]]));
  assert.match(
    text,
    /a\.json {2}refused: the account has been deactivated \(account_deactivated\)\n +-> ask the provider, or remove it with "cdx2 auth remove a"\n/,
  );
  assert.match(text, /b\.json {2}tried, and could not serve this request/);
});

Deno.test("keyLines() names a dozen keys, and counts the others", () => {
  const { pool } = aPool();
  pool.merge(Array.from({ length: 15 }, (_, index) => aRecord(`k${index}`)), T0);
  assert.match(keyLines("summary", pool.describe(T0), new Map()), /k11\.json .*\n {2}and 3 more\n\nType/);
});

Deno.test("keyLines() keeps the causes below one another, whatever the names are", () => {
  const { pool, judge } = aPool();
  const long = "a".repeat(200);
  const names = ["b", "日本語", "un\x1b[2Jsafe", long];
  pool.merge(names.map((name) => aRecord(name)), T0);
  for (const name of names) judge(name, { kind: "auth_rejected", code: "token_revoked" });
  const lines = keyLines("summary", pool.describe(T0), new Map()).split("\n");
  const causes = lines.filter((line) => line.includes("blacklisted: "));
  assert.deepEqual(new Set(causes.map((line) => cellsOf(line))), new Set([cellsOf(causes[0]!)]));
  assert.ok(cellsOf(causes[0]!) <= 80, causes[0]);
  assert.ok(lines.some((line) => line.includes(`--replace ${long}"`)));
  assert.ok(lines.every((line) => /^\P{Cc}*$/u.test(line)), lines.join("\n"));
});

Deno.test("noKeyLines() names the commands that add a key, each on a line", () => {
  const lines = noKeyLines("cdx2 has no usable key.").split("\n");
  assert.equal(lines[0], "cdx2 has no usable key.");
  assert.deepEqual(lines.flatMap((line) => /^ {2}(cdx2 auth \w+) {2,}\w/.exec(line)?.[1] ?? []), [
    "cdx2 auth login",
    "cdx2 auth import",
  ]);
});
