/**
 * Kills with SIGKILL what renews a key, again and again, at random moments: the proxy, and the short-lived process that
 * sends the refresh token. The issuer is one of the tests: it rotates refresh tokens, and revokes a login whose token comes
 * twice. Outside of the CI, since it takes its time; a short form is in tests/e2e/renewal_test.ts. It fails when a login
 * was revoked, a token was sent twice, a file is broken, or a key was lost where none may be.
 *
 *   deno task kill:renewals [--rounds 200] [--seed 1] [--only proxy|renewer]     the executable when CDX2_BIN names one
 *
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Family, type Issuer, startIssuer } from "../tests/support/issuer.ts";
import { homeAt } from "../tests/support/issuer_home.ts";
import { type Home, until } from "../tests/support/program.ts";
import { Service } from "../tests/support/service.ts";
import { Random } from "./affinity/random.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, seed: { type: "string" }, only: { type: "string" } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const random = new Random(seed);
console.log(`seed ${seed}, ${rounds} rounds each`);
// The renewals outlive what started them, so that no round waits for this long unless a key is lost.
const DEADLINE_MS = 60_000;

interface Round {
  readonly issuer: Issuer;
  readonly home: Home;
  readonly family: Family;
  readonly path: string;
}

/** Returns at a random moment; in one of four rounds that may be before the token is sent. */
async function momentOfKill(issuer: Issuer, seen: number): Promise<void> {
  if (random.next() > 0.25) {
    await until("the token is sent", () => issuer.requestsOf("/oauth/token").length > seen, DEADLINE_MS);
  }
  await pause(random.between(0, 350));
}

/** Kills the proxy: the process that renews goes on, so that every key has its new tokens in the end. */
async function killProxy({ issuer, home, family }: Round): Promise<string> {
  const seen = issuer.requestsOf("/oauth/token").length;
  const service = await Service.start(home);
  await momentOfKill(issuer, seen);
  const isBefore = family.refreshes === 0;
  await service.crash();
  return isBefore ? "before the answer" : "after the answer";
}

/** Kills the process that renews: the answer may be lost, and then the token must not be sent again. */
async function killRenewer({ issuer, home, family, path }: Round): Promise<string> {
  const seen = issuer.requestsOf("/oauth/token").length;
  const running = home.start(["auth", "refresh", "key"]);
  await momentOfKill(issuer, seen);
  running.kill();
  await running.finished.catch(() => {});
  await until("the issuer is at rest", () => issuer.inFlight === 0, DEADLINE_MS);
  const { refresh_token, access_token } = tokensIn(path);
  const isStored = refresh_token === family.current.refresh_token;
  const { stderr } = await home.run(["auth", "refresh", "key"], { deadlineMs: DEADLINE_MS });
  if (!isStored && !stderr.includes("it is not known whether")) throw new Error(`not reported: ${stderr}`);
  const headers = { authorization: `Bearer ${access_token}` };
  const usage = await fetch(`${issuer.upstreamUrl}/wham/usage`, { headers });
  await usage.body?.cancel();
  if (usage.status !== 200) throw new Error(`the access token is dead: ${usage.status}`);
  return isStored ? "nothing lost" : "not known, and the access token lives";
}

async function killRounds(
  what: string,
  { kill, mayLose }: { readonly kill: (round: Round) => Promise<string>; readonly mayLose: boolean },
): Promise<boolean> {
  await using issuer = await startIssuer({ ttlS: 36_000 });
  await using home = await homeAt(issuer);
  const counts: Record<string, number> = {};
  const errors: string[] = [];
  for (let number = 1; number <= rounds; number++) {
    const path = `${home.authDir}/key.json`;
    issuer.settings.faults = [{ delayMs: random.between(60, 300) }];
    const family = issuer.mint({ ttlS: 240, ageS: 36_000 });
    await Deno.writeTextFile(path, issuer.authFile(family), { mode: 0o600 });
    try {
      const ended = await kill({ issuer, home, family, path });
      counts[ended] = (counts[ended] ?? 0) + 1;
      const isKept = () => tokensIn(path).refresh_token === family.current.refresh_token;
      if (!mayLose) await until("the new token is in the file", isKept, DEADLINE_MS);
    } catch (error) {
      errors.push(`round ${number}: ${error}`);
    }
    if (number % 50 === 0) console.log(`${what}: ${number} rounds`);
  }
  const revoked = issuer.families.filter(({ isRevoked }) => isRevoked).length;
  const { reuses } = issuer;
  console.log(JSON.stringify({ what, rounds, ended: counts, revoked, reuses, errors }, null, 2));
  return revoked === 0 && reuses === 0 && errors.length === 0;
}

/** @throws {SyntaxError} when the file is broken */
function tokensIn(path: string): { readonly refresh_token: string; readonly access_token: string } {
  return JSON.parse(Deno.readTextFileSync(path)).tokens;
}

const KILLS = {
  proxy: { what: "kill -9 of the proxy", kill: killProxy, mayLose: false },
  renewer: { what: "kill -9 of the process that renews", kill: killRenewer, mayLose: true },
};

let isGood = true;
for (const [name, { what, ...options }] of Object.entries(KILLS)) {
  if (values.only !== undefined && values.only !== name) continue;
  isGood = await killRounds(what, options) && isGood;
}
Deno.exit(isGood ? 0 : 1);
