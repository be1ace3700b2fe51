import assert from "node:assert/strict";
import { readRenewalFacts } from "../../src/credentials/renewal_facts.ts";
import { newMark } from "../../src/credentials/renewal_mark.ts";
import { renewalStandings, renewerText } from "../../src/credentials/renewal_standing.ts";
import { Secret } from "../../src/values/secret.ts";
import { T0 } from "../support/builders.ts";
import { loginFile } from "../support/logins.ts";
import { CODEX_FILE, RenewalWorld } from "../support/renewal_world.ts";

const HOUR = 3_600_000;

type Row = readonly [
  what: string,
  prepare: (world: RenewalWorld) => void | Promise<void>,
  text: string,
  warning: RegExp | undefined,
  fix: string | undefined,
];

const note = (state: "dead" | "failed" | "unknown", reason: string) => (world: RenewalWorld) =>
  world.deps().marks.write(new Secret("rt_1"), { ...newMark("/keys/work.json", T0), state, reason });

const LOGIN = "cdx2 auth login --replace work";
const BARE = { refreshToken: undefined };

const ROWS: readonly Row[] = [
  ["a login of ours", () => {}, "renewed by cdx2", undefined, undefined],
  [
    "a renewal that failed",
    note("failed", "status 500"),
    "renewed by cdx2",
    /failed: status 500/,
    "cdx2 auth refresh work",
  ],
  ["a renewal without an answer", note("unknown", "x"), "renewed by cdx2", /got no answer/, LOGIN],
  [
    "a renewal without an answer, of a token that works for days",
    async (world) => {
      world.put({ lifeMs: 100 * HOUR });
      await note("unknown", "x")(world);
    },
    "renewed by cdx2",
    /got no answer/,
    undefined,
  ],
  [
    "a login whose renewal nobody has made in time, because no proxy runs",
    (world) => world.put({ lifeMs: 100 * HOUR, issuedAtMs: T0 - 99 * HOUR }),
    "renewed by cdx2",
    /overdue/,
    "cdx2 auth refresh work",
  ],
  [
    "a login that has just become due",
    (world) => world.put({ lifeMs: 100 * HOUR, issuedAtMs: T0 - 90 * HOUR - 1 }),
    "renewed by cdx2",
    undefined,
    undefined,
  ],
  [
    "a refused login",
    note("dead", "invalid_grant"),
    "not renewed: the issuer has refused its refresh token (invalid_grant)",
    /refused/,
    LOGIN,
  ],
  [
    "a token without a refresh token that expires within a day",
    (world) => world.put(BARE),
    "not renewed: its file holds no refresh token",
    /no refresh token/,
    LOGIN,
  ],
  [
    "a token without a refresh token that expires later",
    (world) => world.put({ ...BARE, lifeMs: 100 * HOUR }),
    "not renewed: its file holds no refresh token",
    undefined,
    undefined,
  ],
  [
    "an API key",
    (world) => world.files.put("/keys/work.json", '{"OPENAI_API_KEY":"sk-1"}'),
    "not renewed: an API key does not expire",
    undefined,
    undefined,
  ],
  [
    "Codex's login",
    (world) => world.files.put(CODEX_FILE, loginFile()),
    "renewed by Codex",
    undefined,
    undefined,
  ],
  [
    "Codex's login that has expired",
    (world) => {
      world.put({ lifeMs: HOUR / 2 });
      world.files.put(CODEX_FILE, loginFile({ lifeMs: HOUR / 2 }));
    },
    "renewed by Codex",
    /Codex has not renewed it/,
    "codex doctor",
  ],
];

for (const [what, prepare, text, warning, fix] of ROWS) {
  Deno.test(`renewalStandings() of ${what}: ${text}${warning ? ", with a warning" : ""}`, async () => {
    const world = new RenewalWorld();
    await prepare(world);
    const [standing, ...others] = renewalStandings(await readRenewalFacts(world.deps()), T0);
    assert.deepEqual(others, []);
    assert.equal(renewerText(standing!), text);
    if (warning) assert.match(standing!.warning!, warning);
    else assert.equal(standing!.warning, undefined);
    assert.equal(standing!.fix, fix);
  });
}
