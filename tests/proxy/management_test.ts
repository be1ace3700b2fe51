import assert from "node:assert/strict";
import { isManagementPath } from "../../src/proxy/management.ts";
import type { Account } from "../../src/api/health.ts";
import { aRecord, LIMITED, REJECTED, SECOND, someCredits, T0 } from "../support/builders.ts";
import { about, aManagedProxy } from "../support/managed_proxy.ts";

Deno.test("isManagementPath() knows the endpoints and nothing beside them", () => {
  for (
    const path of [
      "/debug",
      "/trace",
      "/health",
      "/auth-files",
      "/metrics",
      "/usage",
      "/pool-usage",
      "/shutdown",
      "/reset",
    ]
  ) {
    assert.ok(isManagementPath(path), path);
  }
  for (const path of ["/", "/debug/", "/v1/responses", "/constructor"]) {
    assert.ok(!isManagementPath(path), path);
  }
});

Deno.test("answerManagement() asks for the key first", async () => {
  const { ask, calls } = aManagedProxy();
  const { status, body } = await ask("POST /shutdown", { kind: "wrong", isNews: false });
  assert.deepEqual([status, body], [401, { error: "unauthorized management request" }]);
  assert.deepEqual(calls, []);
});

Deno.test("answerManagement() says how long an address has to wait", async () => {
  const { ask, calls } = aManagedProxy();
  const { status, body, headers } = await ask("POST /shutdown", { kind: "wait", waitMs: 2_001 });
  assert.deepEqual([status, headers.get("retry-after")], [429, "3"]);
  assert.match(body.error, /^too many wrong management keys from this address;.* in 3s$/);
  assert.deepEqual(calls, []);
});

Deno.test("answerManagement() names the method that an endpoint takes", async () => {
  for (
    const [line, allowed] of [["POST /debug", "GET"], ["GET /shutdown", "POST"], ["DELETE /reset", "POST"]]
  ) {
    const { status, headers } = await aManagedProxy().ask(line!);
    assert.deepEqual([status, headers.get("allow")], [405, allowed]);
  }
});

Deno.test("answerManagement() says in /debug what runs, with the number of keys", async () => {
  assert.deepEqual((await aManagedProxy().ask("GET /debug")).body, { ...about(), auth_count: 3 });
});

for (
  const query of [
    "limit=-1",
    "limit=x",
    "limit=1.5",
    "limit=",
    "limit=1e3",
    "after=x",
    "after=1&wait=31",
    "after=1&wait=x",
    "limit=99999999999999999999",
  ]
) {
  Deno.test(`answerManagement() refuses ${query}`, async () => {
    const { status, body } = await aManagedProxy().ask(`GET /trace?${query}`);
    assert.equal(status, 400);
    assert.match(body.error, /allowed is a whole number (of seconds )?from 0/);
  });
}

Deno.test("answerManagement() shows each key's state, cause and evidence in /health", async () => {
  const { ask, judge } = aManagedProxy();
  judge("a", REJECTED);
  judge("b", LIMITED);
  const { body } = await ask("GET /health");
  assert.equal(body.ok, true);
  assert.deepEqual(body.accounts[0], {
    file: "a.json",
    email: "a@example.com",
    alias: null,
    priority: 0,
    upstream: null,
    status: "BLACKLIST",
    disabled: false,
    expired: false,
    cooldown_seconds: 0,
    blacklist_seconds: 900,
    blacklist_reason: "http_401",
    probation: false,
    probation_successes: 0,
    probation_target: 2,
    used: 0,
    errors: 1,
    rate_limit_strikes: 0,
    hard_failures: 1,
    reason: "http_401",
    until: new Date(T0 + 900 * SECOND).toISOString(),
    next_trial_at: new Date(T0 + 900 * SECOND).toISOString(),
    evidence: { status: 401, code: "http_401", request_id: "req_1", at: new Date(T0).toISOString() },
    model_limits: [],
    usage: null,
    plan: null,
    token_expires_at: null,
    last_used_at: null,
  });
  assert.deepEqual(body.accounts.map(({ status }: { status: string }) => status), [
    "BLACKLIST",
    "COOLDOWN",
    "OK",
  ]);
  assert.equal(body.accounts[1].cooldown_seconds, 30);
});

Deno.test("answerManagement() is not ok when no key is", async () => {
  const { ask, judge } = aManagedProxy();
  for (const name of ["a", "b", "c"]) judge(name, REJECTED);
  assert.equal((await ask("GET /health")).body.ok, false);
});

Deno.test("answerManagement() notes who asks /health, and reads the auth dir again when it is asked to", async () => {
  const { ask, calls } = aManagedProxy();
  await ask("GET /debug");
  assert.deepEqual(calls, []);
  await ask("GET /health");
  assert.deepEqual(calls, ["asked"]);
  await ask("GET /health?refresh=1");
  assert.deepEqual(calls, ["asked", "refresh", "asked"]);
});

Deno.test("answerManagement() lists auth files with the reasons of those it cannot use", async () => {
  const { files } = (await aManagedProxy().ask("GET /auth-files")).body;
  assert.deepEqual(files.map(({ file, usable, reason }: Record<string, unknown>) => [file, usable, reason]), [
    ["a.json", false, "not valid JSON"],
    ["b.json", true, null],
  ]);
});

Deno.test("answerManagement() gives the metrics in the format of Prometheus", async () => {
  const { status, headers, body } = await aManagedProxy().ask("GET /metrics");
  assert.deepEqual([status, body], [200, "cdx2_keys 3\n"]);
  assert.match(headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.match(headers.get("cache-control")!, /no-transform/);
});

Deno.test("answerManagement() resets what the filter names", async () => {
  const { ask, judge, pool } = aManagedProxy();
  judge("a", REJECTED);
  judge("b", LIMITED);
  assert.deepEqual((await ask("POST /reset?state=cooldown")).body, {
    reset: 1,
    files: ["b.json"],
    filter: { name: null, state: "cooldown" },
  });
  assert.deepEqual((await ask("POST /reset?name=a.json&state=")).body, {
    reset: 1,
    files: ["a.json"],
    filter: { name: "a.json", state: null },
  });
  assert.ok(pool.describe(T0).every(({ health }) => health.state.kind === "ok"));
  const { status, body } = await ask("POST /reset?state=dead");
  assert.equal(status, 400);
  assert.match(body.error, /allowed are blacklist, cooldown and probation/);
});

Deno.test("answerManagement() begins a shutdown", async () => {
  const { ask, calls } = aManagedProxy();
  assert.deepEqual((await ask("POST /shutdown")).body, { status: "shutting_down" });
  assert.deepEqual(calls, ["shutdown"]);
});

Deno.test("answerManagement() says in /health which keys are out of service, and what credits they have", async () => {
  const { ask, pool } = aManagedProxy();
  pool.merge([aRecord("a", { expiresAtMs: T0 }), aRecord("b", { isDisabled: true }), aRecord("c")], T0);
  pool.noteCredits(aRecord("c"), someCredits());
  const { accounts } = (await ask("GET /health")).body;
  const flags = accounts.map(({ expired, disabled }: Account) => [expired, disabled]);
  assert.deepEqual(flags, [[true, false], [false, true], [false, false]]);
  const credits = { has_credits: true, unlimited: false, balance: "12.50" };
  assert.deepEqual(accounts[2].usage, { windows: [], credits });
  assert.equal(accounts[0].usage, null);
});

for (
  const [query, asked] of [["", "usage 7 key"], ["?days=90&by=session", "usage 90 session"]] as const
) {
  Deno.test(`answerManagement() asks the history for /usage${query}, and says when it cannot be read`, async () => {
    const { ask, calls } = aManagedProxy();
    const { status, body } = await ask(`GET /usage${query}`);
    assert.deepEqual([status, body, calls], [503, { error: "the usage history cannot be read" }, [asked]]);
  });
}

Deno.test("answerManagement() asks the members of the pool for /pool-usage, and says why they cannot tell", async () => {
  const { ask, calls } = aManagedProxy();
  const { status, body } = await ask("GET /pool-usage?days=2&by=member");
  assert.deepEqual([status, body, calls], [503, { error: "no pool" }, ["pool-usage 2 member"]]);
  assert.equal((await ask("GET /pool-usage?by=session")).status, 400);
});

for (const query of ["days=0", "days=91", "days=x", "days=1.5", "days=-1", "by=", "by=account"]) {
  Deno.test(`answerManagement() refuses /usage?${query}`, async () => {
    const { status, body } = await aManagedProxy().ask(`GET /usage?${query}`);
    assert.equal(status, 400);
    assert.match(body.error, /; allowed is /);
  });
}
