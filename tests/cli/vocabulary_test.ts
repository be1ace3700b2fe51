// One thing has one word in all that users read: outputs of commands, the live view, logs, answers to clients and docs.

import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { paletteOf } from "../../src/screen/palette.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { diagnose } from "../../src/cli/doctor/diagnosis.ts";
import { diagnosisText } from "../../src/cli/doctor/text.ts";
import { resetLine } from "../../src/cli/reset/command.ts";
import { keyEvent } from "../../src/observability/key_events.ts";
import { keyRowOf } from "../../src/observability/tui/data.ts";
import { initialTui } from "../../src/observability/tui/state.ts";
import { frame } from "../../src/observability/tui/view.ts";
import { poolExhausted } from "../../src/proxy/exhaustion.ts";
import { aRecord, aVerdict, LIMITED, POLICY, REJECTED, SECOND, T0 } from "../support/builders.ts";
import { CliWorld } from "../support/cli_world.ts";
import {
  anAccount,
  anEjectedAccount,
  aRunningService,
  isoIn,
  NOW_MS,
  someFacts,
} from "../support/doctor_facts.ts";

/** A word to avoid, and the one for the same thing. The wire formats may have it, so it may be code in a page. */
const AVOIDED: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bwhitelist\w*/gi, "ok"],
  [/\bblacklist\b/gi, "blacklisted"],
  [/\beject\w*/gi, "blacklisted"],
  [/\bcool(?:s|ed|ing) down\b/gi, "in cooldown"],
  [/\bon trial\b/gi, "on probation"],
  [/\btime-outs?\b/gi, "timeout"],
  [/\bauth (?:folder|directory)\b/gi, "auth dir"],
  [/\b1 (?:keys|requests|failures|warnings|files|attempts|sessions|days)\b/gi, "the singular"],
];

/** Where a text says a word to avoid. */
function avoidedIn(what: string, text: string): readonly string[] {
  return AVOIDED.flatMap(([word, instead]) =>
    [...text.matchAll(word)].map(({ 0: found, index }) =>
      `${what}: "${text.slice(Math.max(0, index - 30), index + 30)}" says "${found}": write ${instead}`
    )
  );
}

const ACCOUNTS = [
  anAccount(),
  anEjectedAccount(),
  anAccount({ file: "b.json", status: "PROBATION", reason: "token_revoked" }),
  anAccount({ file: "c.json", status: "COOLDOWN", reason: "usage_limit_reached", until: isoIn(60) }),
  anAccount({ file: "d.json", disabled: true }),
  anAccount({ file: "e.json", expired: true, token_expires_at: isoIn(-60) }),
];

/** All that is said about keys whose requests had these outcomes: to the log, to Codex and to other clients. */
function saidAfter(outcomes: readonly Outcome[]): string {
  const events: string[] = [];
  const pool = new KeyPool(POLICY, (change) => events.push(keyEvent(change, T0)?.message ?? ""));
  const records = outcomes.map((_, index) => aRecord(`key${index}`));
  pool.merge(records, T0);
  for (const [index, outcome] of outcomes.entries()) {
    const evidence = { status: 401, requestId: "req_1" };
    pool.apply({ record: records[index]!, startedMs: T0 }, aVerdict(outcome, T0, evidence));
  }
  pool.describe(T0 + 7200 * SECOND);
  const refusals = [0, 7200 * SECOND].flatMap((laterMs) =>
    [true, false].map((isCodex) => {
      const reports = pool.describe(T0 + laterMs);
      const pooled = {
        bound: undefined,
        mainOnly: false,
        model: undefined,
        refused: new Map(),
        authDir: "/k",
      };
      return poolExhausted({ ...pooled, reports, isCodex }, T0 + laterMs).message;
    })
  );
  return [...events, ...refusals].join("\n");
}

Deno.test("each state has the same word in doctor and in the live view", () => {
  const facts = someFacts({ service: aRunningService({ accounts: ACCOUNTS }) });
  const doctor = diagnosisText(diagnose(facts), { width: 80, palette: paletteOf(false) });
  const keys = ACCOUNTS.map(keyRowOf);
  const page = { kind: "keys", top: 0 } as const;
  const state = { ...initialTui({ columns: 140, rows: 24 }), keys, page };
  const trace = frame(state, { nowMs: NOW_MS, palette: paletteOf(false) }).join("\n");
  for (const word of ["ok", "blacklisted", "probation", "cooldown", "disabled", "expired"]) {
    assert.ok(doctor.includes(`1 ${word}`), `${word} in ${doctor}`);
    assert.ok(trace.includes(`1 ${word}`), `${word} in ${trace}`);
  }
  assert.deepEqual([...avoidedIn("doctor", doctor), ...avoidedIn("trace", trace)], []);
});

Deno.test("the log and the answers to clients use the words of the commands", () => {
  for (const outcomes of [[REJECTED], [LIMITED], [REJECTED, LIMITED]]) {
    const said = saidAfter(outcomes);
    assert.match(said, /blacklisted|in cooldown/);
    assert.deepEqual(avoidedIn("the log and the answers", said), []);
  }
});

Deno.test("reset answers in the words of the other commands", () => {
  const states = [null, "blacklist", "cooldown", "probation"];
  const said = states.flatMap((state) =>
    [0, 1].map((reset) =>
      resetLine({ reset, files: ["a.json"].slice(0, reset), filter: { name: null, state } })
    )
  ).join("\n");
  assert.match(said, /no key is in the state blacklisted/);
  assert.deepEqual(avoidedIn("reset", said), []);
});

Deno.test("the help of every command uses the words of the outputs", async () => {
  const world = new CliWorld();
  const found: string[] = [];
  const names = (await allCommands()).filter(({ isHidden }) => !isHidden).map(({ name }) => name);
  for (const line of ["help", "help settings", ...names.map((name) => `help ${name}`)]) {
    const { code, out } = await world.run(line);
    assert.equal(code, 0, line);
    // A value of JSON in an example.
    found.push(...avoidedIn(line, out.replaceAll(/"(?:whitelist|auth\.\w+)"/g, "")));
  }
  assert.deepEqual(found, []);
});

Deno.test("the pages use the words of the outputs", async () => {
  const root = new URL("../../", import.meta.url);
  const pages = ["README.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", root))) {
    if (name.endsWith(".md")) pages.push(`docs/${name}`);
  }
  const found = await Promise.all(pages.map(async (path) => {
    const text = await Deno.readTextFile(new URL(path, root));
    // Names of JSON, metrics and settings are code.
    return avoidedIn(path, text.replaceAll(/`[^`\n]+`/g, "``").replaceAll(/"(?:whitelist|auth\.\w+)"/g, ""));
  }));
  assert.deepEqual(found.flat(), []);
});

Deno.test("a word to avoid is found", () => {
  assert.equal(avoidedIn("x", "2 keys: 1 whitelist, 1 ejected, 11 keys").length, 2);
  assert.equal(avoidedIn("x", "1 key is blacklisted, 21 keys are in cooldown").length, 0);
});
