import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { planLogin, refusalOf } from "../../src/credentials/login_plan.ts";
import { codexLogin, type LoginWords } from "../support/login.ts";

function recordOf(file: string, words: LoginWords = {}) {
  const parsed = parseAuthFile(file, codexLogin(words));
  assert.ok(parsed.kind === "key");
  return parsed.record;
}

const ANN = recordOf("ann.json");
const BOB = recordOf("bob.json", { email: "bob@example.com", accountId: "acct-bob" });
const FOLDER = { records: [ANN, BOB], rejected: [{ file: "notes.json", reason: "not valid JSON" }] };
const NEW_ANN = recordOf("", { issue: 2 });
const NEW_EVE = recordOf("", { email: "eve@example.com", accountId: "acct-eve" });
const NOTHING = { name: undefined, replace: undefined };

for (
  const { wish, record, plan } of [
    {
      wish: {},
      record: NEW_EVE,
      plan: { kind: "add", file: "eve@example.com.json", sameAccount: undefined },
    },
    {
      wish: { name: "work.json" },
      record: NEW_EVE,
      plan: { kind: "add", file: "work.json", sameAccount: undefined },
    },
    {
      wish: {},
      record: NEW_ANN,
      plan: { kind: "add", file: "ann@example.com.json", sameAccount: "ann.json" },
    },
    { wish: { replace: "ann.json" }, record: NEW_ANN, plan: { kind: "replace", file: "ann.json" } },
    // Both names were free when the login began.
    {
      wish: { name: "bob.json" },
      record: NEW_EVE,
      plan: { kind: "add", file: "bob-2.json", sameAccount: undefined },
    },
    {
      wish: { name: "notes.json" },
      record: NEW_EVE,
      plan: { kind: "add", file: "notes-2.json", sameAccount: undefined },
    },
  ]
) {
  Deno.test(`planLogin() of ${record.email} with ${JSON.stringify(wish)}: ${plan.kind} ${plan.file}`, () => {
    assert.deepEqual(planLogin(record, { ...NOTHING, ...wish }, FOLDER), plan);
  });
}

for (
  const [record, replace, says] of [
    [NEW_EVE, "ann.json", /logged in as eve@example\.com, and ann\.json holds ann@example\.com/],
    [NEW_ANN, "bob.json", /logged in as ann@example\.com, and bob\.json holds bob@example\.com/],
    [NEW_ANN, "gone.json", /gone\.json holds no login any more/],
  ] as const
) {
  Deno.test(`planLogin() does not put ${record.email} into ${replace}`, () => {
    const plan = planLogin(record, { ...NOTHING, replace }, FOLDER);
    assert.ok(plan.kind === "refuse");
    assert.match(plan.reason, says);
    assert.match(plan.hint, /^nothing was changed/);
  });
}

Deno.test("refusalOf() refuses before anybody logs in what cannot be kept", () => {
  assert.match(refusalOf({ ...NOTHING, name: "ann.json" }, FOLDER)!.hint, /--replace ann\.json/);
  assert.match(refusalOf({ ...NOTHING, name: "notes.json" }, FOLDER)!.reason, /is there already/);
  assert.match(refusalOf({ ...NOTHING, replace: "notes.json" }, FOLDER)!.reason, /not valid JSON/);
  assert.equal(refusalOf({ ...NOTHING, name: "work.json" }, FOLDER), undefined);
  assert.equal(refusalOf({ ...NOTHING, replace: "ann.json" }, FOLDER), undefined);
  assert.equal(refusalOf(NOTHING, FOLDER), undefined);
});
