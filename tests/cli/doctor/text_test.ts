import assert from "node:assert/strict";
import { diagnose } from "../../../src/cli/doctor/diagnosis.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import type { Facts } from "../../../src/cli/doctor/facts.ts";
import { diagnosisText } from "../../../src/cli/doctor/text.ts";
import { cellsOf } from "../../../src/screen/cells.ts";
import {
  anAccount,
  anAuthFile,
  anEjectedAccount,
  aRunningService,
  isoIn,
  someFacts,
} from "../../support/doctor_facts.ts";

const BROKEN = anAuthFile("notes.json", { usable: false, reason: "not valid JSON", fingerprint: null });
const PLAIN = paletteOf(false);

const TROUBLED = aRunningService({
  accounts: [anEjectedAccount(), anAccount(), anAccount({ file: "strange.json", status: "NEW" })],
  files: [anAuthFile("work.json"), BROKEN],
});

function textOf(facts: Partial<Facts>, width = Infinity, palette = PLAIN): string {
  return diagnosisText(diagnose(someFacts(facts)), { width, palette });
}

Deno.test("diagnosisText() shows what runs, the states, what was rejected, the policy and the checks", () => {
  const text = textOf({ service: TROUBLED });
  assert.match(text, /^cdx2 proxy at http:\/\/127\.0\.0\.1:8317 \(pid 4120, version 1\.2\.3, up 2h 5m\)\n/);
  assert.match(text, /\n3 keys: 1 ok, 0 probation, 0 cooldown, 1 blacklisted, 1 new\n/);
  const titles = [...text.matchAll(/^[A-Z][a-z ]+$/gm)].map(([title]) => title);
  assert.deepEqual(titles, ["Ok", "Blacklisted", "New", "Rejected files", "Policy", "Checks"]);
  assert.match(text, /\n {2}notes\.json {2}not valid JSON\n/);
  assert.match(text, /\n1 of 3 keys can be used, 0 failures, 1 warning\n$/);
});

Deno.test("diagnosisText() shows expired keys with what to do, and disabled ones in a line", () => {
  const accounts = [
    anAccount(),
    anAccount({ file: "old.json", token_expires_at: isoIn(-7200) }),
    anAccount({ file: "off.json", disabled: true, token_expires_at: isoIn(-60) }),
  ];
  const text = textOf({ service: aRunningService({ accounts }) });
  assert.match(text, /\n3 keys: 1 ok, 0 probation, 0 cooldown, 0 blacklisted, 1 expired, 1 disabled\n/);
  assert.match(text, /\nExpired\n {2}old\.json\n(?: {4}.*\n)* {4}fix +log in again/);
  assert.match(text, /\n {4}token +expired .*2h ago/);
  assert.match(text, /\nDisabled\n {2}off\.json .*token expired/);
  assert.match(text, /\n1 of 3 keys can be used, /);
});

Deno.test("diagnosisText() puts the hint below the check that it belongs to", () => {
  assert.match(
    textOf({ version: "2.0.0" }),
    /\n {2}warn {5}version: the running .* 2\.0\.0\n {11}hint: restart it with "cdx2 proxy --force"\n/,
  );
});

Deno.test("diagnosisText() without a proxy says so first and last", () => {
  const text = textOf({
    service: {
      kind: "unasked",
      reason: "The proxy is not running",
      hint: "start it",
      accounts: [anAccount()],
    },
  });
  assert.match(text, /^The proxy is not running; what follows comes from the files and the saved state\n/);
  assert.match(text, /\nno key can be used without a running proxy, 1 failure, 0 warnings\n$/);
});

Deno.test("diagnosisText() of forty healthy keys has a line for each", () => {
  const accounts = Array.from({ length: 40 }, (_, index) => anAccount({ file: `key-${index}.json` }));
  const text = textOf({ service: aRunningService({ accounts }) }, 80);
  assert.equal(text.split("\n").filter((line) => /^ {2}key-\d+\.json /.test(line)).length, 40);
});

for (const width of [50, 80, 120]) {
  Deno.test(`diagnosisText() fits ${width} columns`, () => {
    const lines = textOf({ service: TROUBLED, version: "2.0.0" }, width).split("\n");
    assert.deepEqual(lines.filter((line) => cellsOf(line) > width), []);
  });
}

Deno.test("diagnosisText() says the same with colours as without", () => {
  const coloured = textOf({ service: TROUBLED, version: "2.0.0" }, 60, paletteOf(true));
  assert.ok(coloured.includes("Blacklisted\x1b") && coloured.includes("  \x1b[33mwarn\x1b[39m     version"));
  // deno-lint-ignore no-control-regex -- colours are control characters
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), textOf({ service: TROUBLED, version: "2.0.0" }, 60));
});

Deno.test("diagnosisText() of an empty home is one finding with one next step", () => {
  const service = {
    kind: "unasked",
    reason: "The proxy is not running",
    hint: "start it",
    accounts: [],
  } as const;
  assert.equal(
    textOf({ service, disk: { kind: "read", files: [] } }),
    `\
  fail     keys: there are no keys yet in /keys
           hint: add the first one with "cdx2 auth login"
`,
  );
});
