import assert from "node:assert/strict";
import type { ChoiceRequest } from "../../src/auth/choice.ts";
import { chooseAmongMembers, type Chooser } from "../../src/auth/first_tries.ts";
import { KeyTable } from "../../src/auth/key_table.ts";
import { PendingRenewals } from "../../src/auth/pending_renewals.ts";
import type { PoolEntry } from "../../src/auth/pool_entry.ts";
import { aRecord, POLICY, SECOND, T0 } from "../support/builders.ts";

const REQUEST = {
  session: undefined,
  owner: undefined,
  pinned: undefined,
  mainOnly: false,
  model: undefined,
  tried: new Set<string>(),
  unreachable: new Set<string>(),
};
const OURS: Chooser = { runId: "ours", isNewcomer: false };
const NEW: Chooser = { ...OURS, isNewcomer: true };
const TRIED = { firstTry: { by: "theirs", untilMs: T0 + SECOND } };
const GOOD = { lastSuccessMs: T0 - SECOND };

function chosen(
  chooser: Chooser | undefined,
  entries: Readonly<Record<string, Partial<PoolEntry>>>,
  over: Partial<ChoiceRequest> = {},
) {
  const keys = new KeyTable(() => {});
  keys.replaceAll(Object.keys(entries).map((name) => aRecord(name)), T0);
  for (const [name, entry] of Object.entries(entries)) {
    keys.update(`${name}.json`, (known) => ({ ...known, ...entry }));
  }
  const renewals = new PendingRenewals(keys, () => {});
  const choice = { request: { ...REQUEST, ...over }, chooser };
  return chooseAmongMembers(renewals, choice, POLICY, T0)?.key.record.file.replace(".json", "");
}

const LOW = { record: { ...aRecord("b"), priority: -1 } };
const CASES: readonly [string, Chooser | undefined, Readonly<Record<string, Partial<PoolEntry>>>, string][] =
  [
    ["whose turn it is, without others", undefined, { a: TRIED, b: {} }, "a"],
    ["whose turn it is, when nobody tries it", OURS, { a: {}, b: GOOD }, "a"],
    ["another one than others try", OURS, { a: TRIED, b: {} }, "b"],
    ["what others try, when there is nothing else", OURS, { a: TRIED, b: TRIED }, "a"],
    ["what we try ourselves", OURS, { a: { firstTry: { by: "ours", untilMs: T0 + SECOND } }, b: {} }, "a"],
    ["what others tried too long ago", OURS, { a: { firstTry: { by: "theirs", untilMs: T0 } }, b: {} }, "a"],
    ["what has served, whatever others say of it", OURS, { a: { ...TRIED, ...GOOD }, b: {} }, "a"],
    ["as a newcomer, what is known to serve", NEW, { a: {}, b: GOOD }, "b"],
    ["as a newcomer, whose turn it is, when nothing is known", NEW, { a: {}, b: {} }, "a"],
    ["as a newcomer, rather what nobody tries", NEW, { a: TRIED, b: {} }, "b"],
    ["what others try before a key of a lower priority", OURS, { a: TRIED, b: LOW }, "a"],
  ];

for (const [what, chooser, entries, file] of CASES) {
  Deno.test(`chooseAmongMembers() takes ${what}`, () => {
    assert.equal(chosen(chooser, entries), file);
  });
}

Deno.test("chooseAmongMembers() takes what was not tried by this request", () => {
  assert.equal(chosen(OURS, { a: {}, b: TRIED }, { tried: new Set(["a.json"]) }), "b");
  assert.equal(chosen(OURS, { a: {}, b: TRIED }, { tried: new Set(["a.json", "b.json"]) }), undefined);
});
