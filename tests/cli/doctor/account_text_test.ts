import assert from "node:assert/strict";
import { healthyLines, troubledLines } from "../../../src/cli/doctor/account_text.ts";
import type { RenewalStanding } from "../../../src/credentials/renewal_standing.ts";
import type { Fields } from "../../../src/values/json.ts";
import { anAccount, anEjectedAccount, aStanding, isoIn, NOW_MS } from "../../support/doctor_facts.ts";
import { anAccountOf } from "../../support/pages.ts";

const MOMENT = { nowMs: NOW_MS, renewals: new Map() };

const WINDOWS = {
  windows: [
    { limit_window_seconds: 18_000, used_percent: 40, reset_at: isoIn(600) },
    { limit_window_seconds: 604_800, used_percent: 12.6, reset_at: null },
  ],
};

function healthy(width: number, ...overs: Fields[]): string[] {
  return healthyLines(overs.map(anAccount), { ...MOMENT, width }).map(({ text }) => text);
}

Deno.test("healthyLines() has a line for each key, in columns", () => {
  const keys = [{ file: "a.json", usage: WINDOWS, token_expires_at: isoIn(187_200) }, {
    used: 3,
    email: null,
  }];
  assert.deepEqual(healthy(Infinity, ...keys), [
    "  a.json     used 12  errors 0  5h 60% left, weekly 87% left  token 2d 4h  ann@example.com",
    "  work.json  used 3   errors 0",
  ]);
});

Deno.test("healthyLines() leaves out columns, from the right, that a terminal has no room for", () => {
  const keys = [{ file: "a.json" }, { file: "日本.json" }];
  assert.deepEqual(healthy(30, ...keys), [
    "  a.json     used 12  errors 0",
    "  日本.json  used 12  errors 0",
  ]);
  assert.deepEqual(healthy(5, ...keys), ["  a.json", "  日本.json"]);
});

Deno.test("troubledLines() says all that is known about a key", () => {
  const account = anEjectedAccount({ usage: WINDOWS, token_expires_at: isoIn(-3600) });
  assert.deepEqual(troubledLines(account, MOMENT).map(({ text }) => text), [
    "  dead.json",
    "    account     ann@example.com, plus",
    "    cause       its token was revoked (token_revoked)",
    "    evidence    status 401, token_revoked, 4m ago, req_1",
    "    until       09:11:00 (in 11m)",
    "    next trial  then",
    '    cleared by  a new token in the file, or "cdx2 reset --name dead.json"',
    '    fix         log in again with "cdx2 auth login --replace dead"',
    "    usage       5h 60% left, reset 09:10:00 (in 10m); weekly 87% left",
    "    token       expired 08:00:00 (1h ago)",
    "    requests    used 12, errors 1",
  ]);
});

const TRIALS: { what: string; over: Fields; says: RegExp }[] = [
  { what: "one that is due", over: { next_trial_at: isoIn(-1) }, says: /next trial {2}now/ },
  {
    what: "one before the end",
    over: { next_trial_at: isoIn(60) },
    says: /next trial {2}09:01:00 \(in 1m\)/,
  },
  {
    what: "a verdict inside a stream",
    over: { evidence: evidence(null) },
    says: /inside a stream, x_code, 5s ago/,
  },
  { what: "an unknown code", over: { reason: "x_code" }, says: /cause {7}x_code\n/ },
];

function evidence(status: number | null): Fields {
  return { status, code: "x_code", request_id: "req_2", at: isoIn(-5) };
}

for (const { what, over, says } of TRIALS) {
  Deno.test(`troubledLines() of ${what}`, () => {
    const lines = troubledLines(anEjectedAccount(over), MOMENT);
    assert.match(lines.map(({ text }) => `${text}\n`).join(""), says);
  });
}

Deno.test("troubledLines() names the models that a key is not used for, and whose windows are whose", () => {
  const usage = { windows: [{ limit: "codex_spark", limit_window_seconds: null, used_percent: 100 }] };
  const model_limits = [{ model: "gpt-spark", reason: "usage_limit_reached", until: isoIn(60) }];
  const lines = troubledLines(anAccount({ usage, model_limits }), MOMENT).map(({ text }) => text);
  assert.ok(lines.includes(
    "    not for     gpt-spark until 09:01:00 (in 1m): the account has used up its usage limit (usage_limit_reached)",
  ));
  assert.ok(lines.includes("    usage       codex_spark window 0% left"));
});

Deno.test("troubledLines() says nothing of what is not known", () => {
  const bare = anAccountOf({ file: "a.json", status: "COOLDOWN" });
  assert.deepEqual(troubledLines(bare, MOMENT).map(({ text }) => text), [
    "  a.json",
    '    cleared by  a success, a new token in the file, or "cdx2 reset --name a.json"',
    "    requests    used 0, errors 0",
  ]);
});

Deno.test("the lines of a key say who renews it, and the command of its renewal comes before that of its cause", () => {
  const standing = (over: Partial<RenewalStanding>) =>
    new Map(["work.json", "dead.json"].map((file) => [file, aStanding(file, over)]));
  const line = (over: Partial<RenewalStanding>) => {
    const account = anAccount({ token_expires_at: isoIn(187_200) });
    return healthyLines([account], { nowMs: NOW_MS, renewals: standing(over), width: Infinity })[0]!.text;
  };
  assert.match(line({}), / token 2d 4h \(cdx2\) /);
  assert.match(line({ by: "codex" }), / token 2d 4h \(Codex\) /);
  assert.match(line({ by: undefined }), / token 2d 4h {2}/);
  const lines = (over: Partial<RenewalStanding>, account = anEjectedAccount()) =>
    troubledLines(account, { nowMs: NOW_MS, renewals: standing(over) }).map(({ text }) => text).join("\n");
  assert.match(lines({}), /renewal +renewed by cdx2$/m);
  assert.match(
    lines({ warning: "its renewal failed: status 500" }),
    /renewal +renewed by cdx2; its renewal failed/,
  );
  const reason = "the issuer has refused its refresh token";
  const dead = lines({ by: undefined, reason, warning: reason, fix: "cdx2 auth login --replace dead" });
  assert.match(dead, /fix +run "cdx2 auth login --replace dead"$/m);
  assert.match(dead, /renewal +not renewed: the issuer has refused its refresh token$/m);
  const expired = anAccount({ token_expires_at: isoIn(-60) });
  assert.doesNotMatch(lines({}, expired), /fix/);
  assert.match(lines({ by: undefined, reason: "x" }, expired), /fix +log in again/);
});
