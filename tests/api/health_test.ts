import assert from "node:assert/strict";
import { health } from "../../src/api/health.ts";
import { accountView } from "../../src/proxy/account_view.ts";
import { aRecord, LIMITED, OK, POLICY, REJECTED, T0 } from "../support/builders.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs, readAs } from "../support/pages.ts";

Deno.test("GET /health answers what is declared, and nothing else", async () => {
  const { ask, judge } = aManagedProxy();
  judge("a", REJECTED);
  judge("b", LIMITED);
  judge("c", OK);
  const { body } = await ask("GET /health");
  assertIs(health, body);
});

Deno.test("an account with all that may be known of it is as declared", () => {
  const { pool } = aManagedProxy();
  const record = aRecord("a", { plan: "plus", expiresAtMs: T0 });
  const [report] = pool.describe(T0);
  const entry = accountView(
    {
      ...report!,
      record,
      lastUsedMs: T0,
      health: {
        ...report!.health,
        modelLimits: [{ model: "gpt-5", cause: "usage_limit_reached", untilMs: T0 }],
      },
      windows: [{
        limit: "codex",
        windowSeconds: 0,
        usedPercent: 1.5,
        resetAtMs: T0,
        source: "event",
        atMs: T0,
      }],
    },
    POLICY,
    T0,
  );
  const page = { ok: true, running_requests: 0, accounts: [entry] };
  assertIs(health, page);
});

const ODD = {
  file: "a.json",
  evidence: [],
  until: "soon",
  used: "many",
  usage: { windows: [null, 7, {}] },
  model_limits: [{ model: "gpt-5" }],
};

for (const entry of [{ file: "a.json" }, ODD]) {
  Deno.test(`an account of another version reads without what it does not say: ${JSON.stringify(entry)}`, () => {
    const [read] = readAs(health, { ok: true, accounts: [entry] }).accounts;
    const { file, email, evidence, until, used, usage, model_limits } = read!;
    const windows = usage?.windows ?? [];
    assert.deepEqual(
      { file, email, evidence, until, used, windows, model_limits },
      { file: "a.json", email: null, evidence: null, until: null, used: 0, windows: [], model_limits: [] },
    );
  });
}

Deno.test("an account of another version keeps a state that this version does not have", () => {
  const page = { ok: true, accounts: [{ file: "a.json", status: "NEW", mood: "good" }, { status: "OK" }] };
  const accounts = readAs(health, page).accounts;
  assert.deepEqual(accounts.map((account) => ({ ...account, ...page.accounts[0] })), accounts);
  assert.equal(accounts.length, 1, "one without a name is left out");
});
