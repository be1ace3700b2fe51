/**
 * How long it takes until a verdict of one member is known to another one: in a pool of two, and in one of two hundred.
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { RedisServer } from "../../tests/support/redis_server.ts";
import { percentiles } from "../bench/figures.ts";
import { withCpuTime } from "../bench/process_cost.ts";
import { type Finding, ms } from "./finding.ts";
import type { Known, Report, Request } from "./member_thread.ts";
import type { Readers } from "./readers_thread.ts";
import { NAMESPACE, startOf, Thread } from "./thread.ts";

const KEYS = 50;
const WARM_UP_MS = 3000;
const MEASURE_MS = 10_000;
const ARRIVE_MS = 500;
const MAX_P99_MS = 10;
// The server and 198 readers of all that it sends need more than two processors for moments.
const MAX_P99_OF_MANY_MS = 50;
const RATES = [100, 1000];
const READER_THREADS = 2;

/** A pool of two members, one of which judges, beside as many that only read as make `members` in all. */
export async function verdicts(members: number): Promise<readonly Finding[]> {
  await using engine = new RedisServer();
  await engine.start();
  using judge = new Thread<Request, Report>("member_thread.ts");
  using other = new Thread<Request, Report>("member_thread.ts");
  for (const [name, member] of Object.entries({ judge, other })) {
    await member.ask({ kind: "join", start: startOf(name, engine), keys: KEYS });
  }
  await using readers = await readersOf(engine, members - 2);
  const rates = members > 2 ? RATES.slice(-1) : RATES;
  const maxMs = members > 2 ? MAX_P99_OF_MANY_MS : MAX_P99_MS;
  const findings: Finding[] = [];
  for (const perSecond of rates) {
    await judge.ask({ kind: "judge", perSecond, forMs: WARM_UP_MS });
    await pause(ARRIVE_MS);
    await other.ask({ kind: "report" });
    await readers.takeBytes();
    const [made, cpuUs = NaN] = await withCpuTime(
      engine,
      () => judge.ask({ kind: "judge", perSecond, forMs: MEASURE_MS }),
    );
    await pause(ARRIVE_MS);
    const { verdicts: learned } = await other.ask({ kind: "report" });
    const delays = delaysOf(made.verdicts, learned);
    const [p50, p99] = percentiles(delays);
    const lost = made.verdicts.length - delays.length;
    const perSecondMb = await readers.takeBytes() / MEASURE_MS / 1000;
    const costs = [
      `${(cpuUs / MEASURE_MS / 10).toFixed(0)} % of a core for the server`,
      `${(made.judgingMs / made.verdicts.length * 1000).toFixed(0)} µs in the request`,
      ...(members > 2 ? [`${perSecondMb.toFixed(0)} MB/s`] : []),
    ];
    findings.push({
      what: `${perSecond.toLocaleString("en-US")} changes a second, ${members} members`,
      figure: `known elsewhere after p50 ${ms(p50)}, p99 ${ms(p99)} ms; ${costs.join(", ")}`,
      complaint: lost > 0 ? `${lost} never arrived` : p99 > maxMs ? `p99 is over ${maxMs} ms` : undefined,
    });
  }
  return findings;
}

/** For each verdict, how long after it the other member knew it, or a later one of the same key. */
function delaysOf(made: readonly Known[], learned: readonly Known[]): readonly number[] {
  const byFile = Map.groupBy(learned, ([file]) => file);
  return made.flatMap(([file, judgedMs]) => {
    const found = byFile.get(file)?.find(([, theirsMs]) => theirsMs >= judgedMs);
    return found ? [found[2] - judgedMs] : [];
  });
}

/** Members that do nothing but read, as many as these. */
async function readersOf(engine: RedisServer, count: number) {
  const threads = Array.from({ length: count > 0 ? READER_THREADS : 0 }, () => {
    return new Thread<Readers | "report", number>("readers_thread.ts");
  });
  const { port, password = "" } = engine.address;
  const share = Math.ceil(count / READER_THREADS);
  await Promise.all(
    threads.map((one) => one.ask({ port, password, channel: `{${NAMESPACE}}:feed`, count: share })),
  );
  return {
    /** What all of them have read since the last time. */
    async takeBytes(): Promise<number> {
      const each = await Promise.all(threads.map((one) => one.ask("report")));
      return each.reduce((sum, bytes) => sum + bytes, 0);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(threads.forEach((one) => one[Symbol.dispose]())),
  };
}
