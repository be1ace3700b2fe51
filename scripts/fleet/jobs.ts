/**
 * How many attempts the jobs of a CI run lose to dead keys, each alone and with a shared pool.
 * @module
 */

import { json } from "../../tests/support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../../tests/support/fake_upstream.ts";
import { homeOf } from "../../tests/support/pool_home.ts";
import { RedisServer } from "../../tests/support/redis_server.ts";
import type { Finding } from "./finding.ts";

const JOBS = 10;
const REQUESTS = 3;
const KEYS = ["a", "b", "c", "d", "e", "f"];
const DEAD = ["a", "b", "c", "d"];
const MAX_REFUSED = 6;

const REFUSED = json(401, { error: { code: "token_invalidated" } });
const ASK = 'curl -s -o /dev/null -w "%{http_code}\\n" "$OPENAI_BASE_URL/responses" -d "{}" ' +
  '-H "content-type: application/json"';
const SCRIPT = Array.from({ length: REQUESTS }, () => ASK).join("; ");

/** Ten jobs one after another and all at once, with and without a shared pool. */
export async function jobs(): Promise<readonly Finding[]> {
  await using engine = new RedisServer();
  await engine.start();
  const findings: Finding[] = [];
  for (const how of ["one after another", "at the same moment"] as const) {
    for (const shared of [undefined, engine]) {
      await engine.cli("FLUSHALL");
      await using upstream = await anUpstream();
      const statuses = how === "one after another"
        ? await inTurn(() => job(upstream, shared))
        : (await Promise.all(Array.from({ length: JOBS }, () => job(upstream, shared)))).flat();
      const refused = DEAD.flatMap((key) => upstream.requestsOf(`token-${key}`)).length;
      const unanswered = statuses.filter((status) => status !== "200").length;
      findings.push({
        what: `${JOBS} CI jobs ${how}, 4 of 6 keys dead, ${shared ? "a shared pool" : "each alone"}`,
        figure:
          `${statuses.length} requests, ${upstream.requests.length} attempts, ${refused} of them refused`,
        complaint: statuses.length !== JOBS * REQUESTS || unanswered > 0
          ? `${unanswered} requests were not answered`
          : shared !== undefined && refused > MAX_REFUSED
          ? `more than ${MAX_REFUSED}`
          : undefined,
      });
    }
  }
  return findings;
}

async function inTurn(run: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const statuses: string[] = [];
  for (let count = 0; count < JOBS; count++) statuses.push(...await run());
  return statuses;
}

async function anUpstream(): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream();
  upstream.reply({}, json(200, { id: "resp_1" }));
  for (const key of DEAD) upstream.forToken(`token-${key}`, REFUSED);
  return upstream;
}

/** The statuses that a job's requests get. */
async function job({ url }: FakeUpstream, engine: RedisServer | undefined): Promise<readonly string[]> {
  const name = `job-${crypto.randomUUID().slice(0, 8)}`;
  await using home = await homeOf({ name, upstream: url, engine, keys: KEYS });
  const { stdout } = await home.run(["run", "--", "sh", "-c", SCRIPT]);
  return stdout.trim().split("\n");
}
