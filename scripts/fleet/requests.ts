/**
 * What a shared pool costs a request: nothing that can be measured. Proxies with and without one, loaded in turns.
 * @module
 */

import { homeOf } from "../../tests/support/pool_home.ts";
import { RedisServer } from "../../tests/support/redis_server.ts";
import { Service } from "../../tests/support/service.ts";
import { CASES } from "../bench/cases.ts";
import { PATH, startUpstream } from "../bench/contenders.ts";
import { percentiles } from "../bench/figures.ts";
import { load, type Target } from "../bench/load.ts";
import { withCpuTime } from "../bench/process_cost.ts";
import { type Finding, ms } from "./finding.ts";

const ROUNDS = 10;
const WARM_UP = 6000;
const IN_A_ROUND = 600;
const SINGLE = CASES.find(({ name }) => name === "json1")!;
// Two proxies of the same kind differ by this much, too.
const MAX_RATIO = 1.15;

interface Measured {
  readonly eachMs: number[];
  readonly cpuUs: number[];
}

/** Two proxies alone and two with a shared pool; the figures of the two of a kind say how much chance is in them. */
export async function requests(): Promise<readonly Finding[]> {
  await using engine = new RedisServer();
  await engine.start();
  await using stack = new AsyncDisposableStack();
  const { direct, ports } = await startUpstream(undefined);
  stack.defer(() => direct.stop());
  const upstream = `http://127.0.0.1:${ports.plain}/backend-api`;
  const proxies: (Measured & { name: string; target: Target })[] = [];
  for (const name of ["alone", "shared", "alone, again", "shared, again"]) {
    const isShared = name.startsWith("shared");
    const plan = { name: name.replace(/\W+/, "-"), upstream, engine: isShared ? engine : undefined };
    const home = stack.use(await homeOf({ ...plan, keys: ["a", "b", "c"] }));
    const { baseUrl, pid } = await Service.start(home);
    const target = { port: Number(new URL(baseUrl).port), path: PATH, pid };
    await load(target, { ...SINGLE, maxCount: WARM_UP, maxMs: Infinity });
    proxies.push({ name, target, eachMs: [], cpuUs: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { target, eachMs, cpuUs } of round % 2 === 0 ? proxies : proxies.toReversed()) {
      const act = () => load(target, { ...SINGLE, maxCount: IN_A_ROUND, maxMs: Infinity });
      const [loaded, tookUs = NaN] = await withCpuTime(target, act);
      eachMs.push(...loaded.eachMs);
      cpuUs.push(tookUs / IN_A_ROUND);
    }
  }
  const findings = proxies.map(({ name, eachMs, cpuUs }) => {
    const [p50, p99] = percentiles(eachMs);
    return {
      what: `1 KB of JSON, one request at a time, ${name}`,
      figure: `p50 ${ms(p50)}, p99 ${ms(p99)} ms, ${percentiles(cpuUs)[0].toFixed(0)} µs of CPU time`,
      complaint: undefined,
    };
  });
  const cpuOf = (kind: string) =>
    percentiles(proxies.filter(({ name }) => name.startsWith(kind)).flatMap(({ cpuUs }) => cpuUs))[0];
  const ratio = cpuOf("shared") / cpuOf("alone");
  const complaint = ratio > MAX_RATIO ? "a shared pool costs requests CPU time" : undefined;
  return [...findings, { what: "CPU time, shared to alone", figure: ratio.toFixed(2), complaint }];
}
