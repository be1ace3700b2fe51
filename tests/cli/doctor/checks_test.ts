import assert from "node:assert/strict";
import { runChecks } from "../../../src/cli/doctor/checks.ts";
import type { Check } from "../../../src/cli/doctor/page.ts";
import type { Facts } from "../../../src/cli/doctor/facts.ts";
import {
  anAccount,
  anAuthFile,
  anEjectedAccount,
  aRunningService,
  isoIn,
  someFacts,
} from "../../support/doctor_facts.ts";
import { aDebugView, AUTH_DIR, someSettings } from "../../support/service_world.ts";

const UNASKED: Facts["service"] = {
  kind: "unasked",
  reason: "The proxy is not running",
  hint: "start it",
  accounts: [],
};

function checkNamed(name: string, facts: Facts): Check | undefined {
  return runChecks(facts).find((check) => check.name === name);
}

Deno.test("runChecks() finds nothing wrong where nothing is", () => {
  const found = runChecks(someFacts());
  assert.deepEqual(found.filter(({ status }) => status !== "ok"), []);
  assert.equal(found.length, 14);
});

Deno.test("runChecks() has a hint for each failure and each warning", () => {
  for (const { name, facts } of FINDINGS) {
    const check = checkNamed(name, someFacts(facts))!;
    assert.equal(check.hint !== null, check.status === "fail" || check.status === "warn", check.message);
  }
});

const FINDINGS: { name: string; facts: Partial<Facts>; status: Check["status"]; says: RegExp }[] = [
  { name: "proxy", facts: { service: UNASKED }, status: "fail", says: /^The proxy is not running$/ },
  {
    name: "proxy",
    facts: { service: aRunningService({ debug: aDebugView({ status: "shutting_down" }) }) },
    status: "fail",
    says: /\(pid 4120\) is shutting down/,
  },
  {
    name: "keys",
    facts: { service: UNASKED, disk: { kind: "read", files: [] } },
    status: "fail",
    says: /^there are no keys yet in \/keys$/,
  },
  {
    name: "setting_names",
    facts: { env: { CLIPROXY_ROTATON: "drain", CLIPROXY_PORT: "1", PATH: "/bin" } },
    status: "warn",
    says: /^CLIPROXY_ROTATON \(in the environment\) is not a setting; CLIPROXY_ROTATION is$/,
  },
  {
    name: "setting_names",
    facts: { envFileNames: ["OPENAI_API_KEY", "CLIPROXY_WISHES"] },
    status: "warn",
    says: /^CLIPROXY_WISHES \(in \/keys\/\.env\) is not a setting$/,
  },
  {
    name: "keys",
    facts: { service: aRunningService({ isUsable: false, accounts: [anAccount(anEjectedAccount())] }) },
    status: "fail",
    says: /^0 of 1 key can be used/,
  },
  {
    name: "keys",
    facts: { service: aRunningService({ accounts: [anAccount({ token_expires_at: isoIn(-60) })] }) },
    status: "warn",
    says: /^0 of 1 key can be used; keys whose token has expired are tried all the same/,
  },
  {
    name: "keys",
    facts: {
      service: aRunningService({
        accounts: [anAccount(), anAccount({ disabled: true }), anAccount({ token_expires_at: isoIn(-60) })],
      }),
    },
    status: "ok",
    says: /^1 of 3 keys can be used/,
  },
  {
    name: "keys",
    facts: { service: aRunningService({ isUsable: false, accounts: [anAccount({ disabled: true })] }) },
    status: "fail",
    says: /^0 of 1 key can be used/,
  },
  {
    name: "tokens",
    facts: {
      service: aRunningService({ accounts: [anAccount({ disabled: true, token_expires_at: isoIn(-60) })] }),
    },
    status: "ok",
    says: /no token has expired/,
  },
  {
    name: "keys",
    facts: { service: aRunningService({ isUsable: false, accounts: [] }) },
    status: "fail",
    says: /holds no key/,
  },
  {
    name: "keys",
    facts: {
      service: UNASKED,
      disk: { kind: "read", files: [anAuthFile("notes.json", { usable: false, reason: "not valid JSON" })] },
    },
    status: "fail",
    says: /there is no usable auth file/,
  },
  {
    name: "version",
    facts: { version: "9.9.9" },
    status: "warn",
    says: /running proxy is 1\.2\.3, this program is 9\.9\.9/,
  },
  {
    name: "auth_dir",
    facts: { disk: { kind: "read", files: [anAuthFile("new.json")] } },
    status: "warn",
    says: /new\.json is new on the disk; work\.json is no longer on the disk/,
  },
  {
    name: "auth_dir",
    facts: { disk: { kind: "unreadable", reason: "/keys: permission denied" } },
    status: "fail",
    says: /\/keys: permission denied/,
  },
  { name: "auth_dir", facts: { service: UNASKED }, status: "ok", says: /^1 of 1 auth files in \/keys/ },
  {
    name: "settings",
    facts: { resolved: someSettings({ env: { CLIPROXY_HOLD_SECONDS: "5" } }) },
    status: "warn",
    says: /hold_seconds is 20 there/,
  },
  {
    name: "tokens",
    facts: {
      service: aRunningService({
        accounts: ["a", "b", "c", "d"].map((file) => anAccount({ file, token_expires_at: isoIn(-1) })),
      }),
    },
    status: "warn",
    says: /^expired: the token of a, b, c and 1 more$/,
  },
  {
    name: "bind",
    facts: { service: aRunningService({ debug: aDebugView({ host: "0.0.0.0" }) }) },
    status: "warn",
    says: /^0\.0\.0\.0: other machines reach/,
  },
  {
    name: "file_modes",
    facts: { modes: [{ path: `${AUTH_DIR}/work.json`, mode: 0o644 }] },
    status: "warn",
    says: /\/keys\/work\.json \(0644\)/,
  },
  {
    name: "file_modes",
    facts: { modes: [{ path: AUTH_DIR, mode: 0 }] },
    status: "skipped",
    says: /no permission/,
  },
  {
    name: "upstream",
    facts: { upstream: { kind: "failed", reason: "connection refused" } },
    status: "fail",
    says: /^chatgpt\.com does not answer: connection refused$/,
  },
  {
    name: "http_proxy",
    facts: { env: { HTTPS_PROXY: "http://user:secret@proxy" } },
    status: "ok",
    says: /through the HTTP proxy in HTTPS_PROXY,/,
  },
  {
    name: "clock",
    facts: { upstream: { kind: "answered", status: 200, durationMs: 1, aheadMs: 31_000 } },
    status: "warn",
    says: /is 31s behind the upstream's/,
  },
  {
    name: "clock",
    facts: { upstream: { kind: "answered", status: 200, durationMs: 1, aheadMs: -60_000 } },
    status: "warn",
    says: /is 1m ahead of the upstream's/,
  },
  {
    name: "clock",
    facts: { upstream: { kind: "answered", status: 200, durationMs: 1, aheadMs: undefined } },
    status: "skipped",
    says: /no date/,
  },
  {
    name: "clock",
    facts: { upstream: { kind: "failed", reason: "refused" } },
    status: "skipped",
    says: /does not answer/,
  },
  {
    name: "disk",
    facts: { freeBytes: 30 * 2 ** 20 },
    status: "warn",
    says: /^30 MiB free, the logs take at most 60 MiB$/,
  },
  { name: "disk", facts: { freeBytes: undefined }, status: "skipped", says: /not known/ },
  {
    name: "codex",
    facts: { codex: { command: "codex", isNamed: false, answer: "codex-cli 0.201.3" } },
    status: "skipped",
    says: /^Codex 0\.201\.3: not measured/,
  },
  {
    name: "codex",
    facts: { codex: { command: "codex", isNamed: false, answer: undefined } },
    status: "skipped",
    says: /no codex on the PATH/,
  },
  {
    name: "codex",
    facts: { codex: { command: "/opt/codex", isNamed: true, answer: undefined } },
    status: "warn",
    says: /cannot run \/opt\/codex/,
  },
];

for (const { name, facts, status, says } of FINDINGS) {
  Deno.test(`runChecks() of ${name}: ${status}, ${says.source}`, () => {
    const check = checkNamed(name, someFacts(facts));
    assert.equal(check?.status, status);
    assert.match(check?.message ?? "", says);
  });
}

Deno.test("runChecks() names an HTTP proxy's variable and never its value", () => {
  const env = { HTTPS_PROXY: "http://user:secret@proxy" };
  const found = runChecks(someFacts({ env, upstream: { kind: "failed", reason: "refused" } }));
  assert.ok(!JSON.stringify(found).includes("secret"));
  assert.match(found.find(({ name }) => name === "upstream")?.hint ?? "", /HTTPS_PROXY/);
});

Deno.test("runChecks() closes what is open where it lies, also outside of the auth dir", () => {
  const modes = [{ path: `${AUTH_DIR}/a.json`, mode: 0o644 }, { path: "/etc/cdx2 env", mode: 0o640 }];
  assert.equal(checkNamed("file_modes", someFacts({ modes }))?.hint, 'chmod -R go= "/keys" "/etc/cdx2 env"');
});

Deno.test("runChecks() compares nothing with a proxy that it could not ask", () => {
  const names = runChecks(someFacts({ service: UNASKED })).map(({ name }) => name);
  for (const name of ["version", "settings", "tokens"]) assert.ok(!names.includes(name), name);
});

Deno.test("runChecks() says of an empty home only how to begin", () => {
  const found = runChecks(someFacts({ service: UNASKED, disk: { kind: "read", files: [] } }));
  assert.deepEqual(found, [{
    name: "keys",
    status: "fail",
    message: "there are no keys yet in /keys",
    hint: 'add the first one with "cdx2 auth login"',
  }]);
});

Deno.test("a doctor without a usable key says where the reasons are, and only then", () => {
  const hintFor = (files: readonly ReturnType<typeof anAuthFile>[]) =>
    runChecks(someFacts({ service: UNASKED, disk: { kind: "read", files } })).find(({ name }) =>
      name === "keys"
    )?.hint;
  const locked = anAuthFile("work.json", { usable: false, reason: "the keyring is locked; unlock it" });
  assert.match(
    hintFor([locked]) ?? "",
    /^each rejected file above says what is wrong with it; or add one with/,
  );
  assert.match(hintFor([]) ?? "", /^add the first one with/);
});
