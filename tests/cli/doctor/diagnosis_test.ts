import assert from "node:assert/strict";
import { diagnose, diagnosisJson } from "../../../src/cli/doctor/diagnosis.ts";
import type { Facts } from "../../../src/cli/doctor/facts.ts";
import type { Fields } from "../../../src/values/json.ts";
import {
  anAccount,
  anAuthFile,
  anEjectedAccount,
  aRunningService,
  isoIn,
  someFacts,
} from "../../support/doctor_facts.ts";
import { aDebugView } from "../../support/service_world.ts";

const BROKEN = anAuthFile("notes.json", { usable: false, reason: "not valid JSON", fingerprint: null });

function jsonOf(over: Partial<Facts>): Record<string, never> {
  return JSON.parse(JSON.stringify(diagnosisJson(diagnose(someFacts(over)))));
}

const VERDICTS: { what: string; service: Facts["service"]; isOk: boolean }[] = [
  { what: "a proxy with a usable key", service: aRunningService(), isOk: true },
  { what: "a proxy without one", service: aRunningService({ isUsable: false }), isOk: false },
  {
    what: "a proxy that shuts down",
    service: aRunningService({ debug: aDebugView({ status: "shutting_down" }) }),
    isOk: false,
  },
  { what: "no proxy", service: { kind: "unasked", reason: "none", hint: null, accounts: [] }, isOk: false },
];

for (const { what, service, isOk } of VERDICTS) {
  Deno.test(`diagnose() is ${isOk ? "" : "not "}ok with ${what}`, () => {
    assert.equal(diagnose(someFacts({ service })).isOk, isOk);
  });
}

Deno.test("diagnosisJson() counts the keys by state", () => {
  const accounts = [anAccount(), anAccount(), anEjectedAccount(), anAccount({ status: "NEW" })];
  assert.deepEqual(jsonOf({ service: aRunningService({ accounts }) })["summary"], {
    whitelist: 2,
    probation: 0,
    cooldown: 0,
    blacklist: 1,
    expired: 0,
    disabled: 0,
    new: 1,
    total: 4,
  });
});

Deno.test("diagnosisJson() counts expired and disabled keys apart, whatever their state, and keeps the state", () => {
  const expired = { token_expires_at: isoIn(-60), expired: true };
  const diagnosis = diagnose(someFacts({
    service: aRunningService({
      accounts: [
        anAccount(),
        anAccount(expired),
        anEjectedAccount(expired),
        anAccount({ disabled: true }),
        anEjectedAccount({ ...expired, disabled: true }),
      ],
    }),
  }));
  const { summary, accounts } = diagnosisJson(diagnosis);
  assert.deepEqual(summary, {
    whitelist: 1,
    probation: 0,
    cooldown: 0,
    blacklist: 0,
    expired: 2,
    disabled: 2,
    total: 5,
  });
  assert.deepEqual(accounts.map(({ state, expired, disabled }) => [state, expired, disabled]), [
    ["whitelist", false, false],
    ["whitelist", true, false],
    ["blacklist", true, false],
    ["whitelist", false, true],
    ["blacklist", true, true],
  ]);
});

Deno.test("diagnose() does not count a disabled file as rejected", () => {
  const files = [anAuthFile("off.json", { usable: false, disabled: true, reason: "disabled" })];
  assert.deepEqual(diagnose(someFacts({ service: aRunningService({ files }) })).rejected, []);
});

Deno.test("diagnosisJson() shows accounts as /health does, with words and ages beside", () => {
  const account = anEjectedAccount();
  const { accounts } = jsonOf({ service: aRunningService({ accounts: [account] }) });
  assert.deepEqual(accounts![0], {
    ...account,
    evidence: { ...account.evidence, age_seconds: 240 },
    state: "blacklist",
    cause: "its token was revoked",
    cleared_by: 'a new token in the file, or "cdx2 reset --name dead.json"',
    mend: 'log in again with "cdx2 auth login --replace dead"',
    renewal: null,
  });
});

Deno.test("diagnosisJson() has null for what a healthy key lacks", () => {
  const { cause, cleared_by, mend, evidence } = jsonOf({})["accounts"]![0] as Fields;
  assert.deepEqual([cause, cleared_by, mend, evidence], [null, null, null, null]);
});

Deno.test("diagnosisJson() takes rejected files from the proxy, and from the disk when there is none", () => {
  const held = aRunningService({ files: [BROKEN] });
  const unasked = { kind: "unasked", reason: "The proxy is not running", hint: null, accounts: [] } as const;
  const disk = { kind: "read", files: [anAuthFile("a.json"), BROKEN] } as const;
  const expected = [{ file: "notes.json", reason: "not valid JSON" }];
  assert.deepEqual(jsonOf({ service: held })["rejected_files"], expected);
  const { rejected_files, accounts, running, reason, base_url, policy } = jsonOf({ service: unasked, disk });
  assert.deepEqual([rejected_files, accounts, running, reason, base_url], [
    expected,
    [],
    false,
    "The proxy is not running",
    null,
  ]);
  assert.deepEqual(policy!["hold_seconds"], { value: 20, source: "default", unit: "seconds" });
});
