/**
 * What happens to requests, and to what two proxies know, while the Redis server between them fails in every way that it
 * can.
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { json } from "../../tests/support/answers.ts";
import { type EngineFault, OUTAGES, REFUSALS } from "../../tests/support/engine_faults.ts";
import { type FakeUpstream, startFakeUpstream } from "../../tests/support/fake_upstream.ts";
import { downsOf, homeOf } from "../../tests/support/pool_home.ts";
import { type Home, until } from "../../tests/support/program.ts";
import { RedisServer } from "../../tests/support/redis_server.ts";
import { Service } from "../../tests/support/service.ts";
import { percentiles } from "../bench/figures.ts";
import { type Finding, ms } from "./finding.ts";

const KEYS = ["a", "b", "c", "d"];
const ASK_EVERY_MS = 25;
const LAST_MS = 4000;
const MAX_UNEQUAL_MS = 5000;
const OK = json(200, { id: "resp_1" });
const REFUSED = json(401, { error: { code: "token_invalidated" } });

/** A proxy of the pool. */
interface Member {
  readonly home: Home;
  readonly service: Service;
}

/** Two proxies that are asked all the time. */
interface Stage {
  readonly engine: RedisServer;
  readonly upstream: FakeUpstream;
  readonly members: readonly [Member, Member];
}

/** One fault after another. */
export async function faults(): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(new RedisServer());
  await engine.start();
  const upstream = stack.use(await startFakeUpstream());
  const members: Member[] = [];
  for (const name of ["one", "two"]) {
    const home = stack.use(await homeOf({ name, upstream: upstream.url, engine, keys: KEYS }));
    members.push({ home, service: await Service.start(home) });
  }
  const stage: Stage = { engine, upstream, members: [members[0]!, members[1]!] };
  const findings: Finding[] = [];
  for (const fault of [...OUTAGES, ...REFUSALS]) findings.push(await suffer(stage, fault));
  return findings;
}

async function suffer(stage: Stage, fault: EngineFault): Promise<Finding> {
  const { engine, upstream, members: [one, two] } = stage;
  upstream.startOver();
  upstream.reply({}, OK);
  await until(
    "the members meet",
    async () => (await sharedOf(one)).state === "up" && (await sharedOf(two)).state === "up",
  );
  await one.service.manage("/reset?all=1", "POST");
  await until(
    "nothing is known",
    async () =>
      (await Promise.all([one, two].map(penalties))).every((states) => !states.includes("BLACKLIST")),
  );
  const downsBefore = await downsOf(one.home);
  using asked = askOn([one, two]);
  const complaints: string[] = [];
  await fault.begin(engine);
  upstream.forToken("token-a", REFUSED);
  await until("a key is refused", async () => (await penalties(one)).includes("BLACKLIST"));
  if (fault.reason) complaints.push(...await shownBy(one, fault.reason));
  await pause(LAST_MS);
  await fault.end(engine);
  const endedMs = performance.now();
  const isEqual = async () =>
    (await sharedOf(one)).state === "up" && (await sharedOf(two)).state === "up" &&
    (await penalties(one)) === (await penalties(two));
  await until("both know the same", isEqual);
  const equalMs = performance.now() - endedMs;
  const downs = await downsOf(one.home) - downsBefore;
  const [p50, p99] = percentiles(asked.eachMs);
  if (asked.failures.length > 0) {
    complaints.push(`${asked.failures.length} requests failed: ${asked.failures[0]}`);
  }
  if (equalMs > MAX_UNEQUAL_MS) complaints.push(`equal only after ${ms(equalMs)} ms`);
  if (fault.reason && downs !== 1) complaints.push(`${downs} lines in the log`);
  return {
    what: `The server: ${fault.name}`,
    figure: `${asked.eachMs.length} requests answered, p50 ${ms(p50)}, p99 ${ms(p99)} ms; ` +
      `equal ${ms(equalMs)} ms after its return`,
    complaint: complaints.length === 0 ? undefined : complaints.join("; "),
  };
}

/** Asks the members in turns until it is disposed of. */
function askOn(members: readonly Member[]) {
  const [eachMs, failures]: [number[], string[]] = [[], []];
  let isOver = false;
  const ask = async ({ service }: Member) => {
    while (!isOver) {
      const beginMs = performance.now();
      const status = await service.askForStatus().catch(String);
      eachMs.push(performance.now() - beginMs);
      if (status !== 200) failures.push(String(status));
      await pause(ASK_EVERY_MS);
    }
  };
  members.forEach((member) => void ask(member));
  return { eachMs, failures, [Symbol.dispose]: () => void (isOver = true) };
}

/** What is wrong with how the commands show it. */
async function shownBy({ home, service }: Member, reason: RegExp): Promise<readonly string[]> {
  // The first reason may be that the connection was cut.
  await until("it says why", async () => reason.test((await sharedOf({ service })).reason));
  const complaints: string[] = [];
  for (const command of ["status", "doctor", "pool"]) {
    const { code, stdout } = await home.run([command]);
    if (!reason.test(stdout)) complaints.push(`${command} does not say why`);
    if (command === "status" && code !== 0) complaints.push(`${command} exits with ${code}`);
  }
  const metrics = await (await service.manage("/metrics")).text();
  if (!metrics.includes("cdx2_shared_up 0")) complaints.push("the metrics do not show it");
  return complaints;
}

async function sharedOf({ service }: Pick<Member, "service">) {
  return (await (await service.manage("/debug")).json()).shared;
}

/** The states of all keys, in their order. */
async function penalties({ service }: Member): Promise<string> {
  return (await service.accounts()).map(({ file, status }) => `${file} ${status}`).sort().join(", ");
}
