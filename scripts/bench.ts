/**
 * Measures what the proxy costs, next to other proxies on the same machine in the same minute, and prints the
 * table for docs/performance.md. It uses loopback only and takes about a minute. On a busy machine, the figures
 * of two runs differ by a fifth.
 *
 *   deno task bench [--bin dist/cdx2]     without --bin: from source
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import {
  type Contender,
  type Start,
  startCdx2,
  startHttpProxy,
  startNginx,
  startUpstream,
  UNJUDGED_PATH,
} from "./bench/contenders.ts";
import { postRepeatedly, readStreams } from "./bench/load.ts";

const CONCURRENCIES = [1, 16, 64] as const;
const THROUGHPUT_LIMITS = { maxCount: 30_000, maxMs: 2_000 };
const WARM_UP = { concurrency: 16, maxCount: 1_000, maxMs: 2_000 };
const STREAMS = 10;
const TICKS = 200;
const UPLOAD_BYTES = 5_000_000;
const UPLOADS = { concurrency: 1, maxCount: 20, maxMs: 4_000 };
// /proc counts CPU time in ticks; there are 100 per second on every Linux.
const CLOCK_TICK_US = 10_000;

/** The median and the 95th percentile of a list of times. */
interface Spread {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** What was measured of one contender. */
interface Figures {
  readonly name: string;
  /** One for each of CONCURRENCIES. */
  readonly requestsPerSecond: readonly number[];
  /** At concurrency 1. */
  readonly latency: Spread;
  /** From the moment that an event was sent to the moment that the client had read it. */
  readonly eventDelay: Spread;
  /** CPU time of the contender; `undefined` where there is no /proc. */
  readonly cpuPerEventUs: number | undefined;
  readonly upload: Spread;
}

async function measure({ name, target, pid }: Contender): Promise<Figures> {
  const small = new TextEncoder().encode(JSON.stringify({ model: "bench", input: "x".repeat(990) }));
  await postRepeatedly(target, small, WARM_UP);
  const requestsPerSecond: number[] = [];
  let latency: Spread | undefined;
  for (const concurrency of CONCURRENCIES) {
    const { eachMs, wholeMs } = await postRepeatedly(target, small, { concurrency, ...THROUGHPUT_LIMITS });
    requestsPerSecond.push(eachMs.length / wholeMs * 1000);
    latency ??= spread(eachMs);
  }
  const cpuBeforeUs = await cpuTimeUs(pid);
  const delaysMs = await readStreams({ ...target, path: `${target.path}?ticks=${TICKS}` }, STREAMS);
  const cpuAfterUs = await cpuTimeUs(pid);
  const uploads = await postRepeatedly(target, new Uint8Array(UPLOAD_BYTES).fill(32), UPLOADS);
  return {
    name,
    requestsPerSecond,
    latency: latency!,
    eventDelay: spread(delaysMs),
    cpuPerEventUs: cpuBeforeUs === undefined ? undefined : (cpuAfterUs! - cpuBeforeUs) / (STREAMS * TICKS),
    upload: spread(uploads.eachMs),
  };
}

function spread(valuesMs: readonly number[]): Spread {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}

// utime and stime, fields 14 and 15 of /proc/PID/stat (proc(5)). The command name before them may contain spaces.
async function cpuTimeUs(pid: number): Promise<number | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_US;
}

function table(direct: Figures, others: readonly Figures[]): string {
  const heads = [
    "",
    ...CONCURRENCIES.map((concurrency) => `requests/s × ${concurrency}`),
    "added latency, p50 / p95",
    "added delay per event, p50 / p95",
    "CPU per event",
    "5 MB upload, p50",
  ];
  const rows = [direct, ...others].map((figures) => [
    figures.name,
    ...figures.requestsPerSecond.map((value) => value.toFixed(0)),
    figures === direct ? "–" : added(figures.latency, direct.latency),
    figures === direct ? "–" : added(figures.eventDelay, direct.eventDelay),
    figures === direct || figures.cpuPerEventUs === undefined
      ? "–"
      : `${figures.cpuPerEventUs.toFixed(0)} µs`,
    `${figures.upload.p50Ms.toFixed(1)} ms`,
  ]);
  return [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function added(figures: Spread, direct: Spread): string {
  return `${(figures.p50Ms - direct.p50Ms).toFixed(2)} / ${(figures.p95Ms - direct.p95Ms).toFixed(2)} ms`;
}

function conditions(): string {
  const { arch, os } = Deno.build;
  return `${navigator.hardwareConcurrency} cores, ${os} ${arch}, Deno ${Deno.version.deno}. 1 KB of JSON each way; ` +
    `${STREAMS} event streams at once, ${TICKS} events each, one per 20 ms. The load generator is one Deno process ` +
    "with raw keep-alive connections; it, the upstream and the proxy share the machine.";
}

async function measureStarted(start: Start, upstreamPort: number): Promise<Figures | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "cdx2-bench-" });
  try {
    const contender = await start(upstreamPort, folder);
    if (contender === undefined) return undefined;
    console.error(`measuring ${contender.name}`);
    return await measure(contender).finally(() => contender.stop());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SOURCE = [Deno.execPath(), "run", "-A", new URL("../main.ts", import.meta.url).pathname] as const;

if (import.meta.main) {
  const { values: options } = parseArgs({ options: { bin: { type: "string" } } });
  const [name, program] = options.bin === undefined
    ? ["cdx2 from source", SOURCE] as const
    : ["cdx2", [await Deno.realPath(options.bin)]] as const;
  const cdx2 = [startCdx2(name, program), startCdx2(`${name}, streams not judged`, program, UNJUDGED_PATH)];
  const upstream = await startUpstream();
  try {
    const direct = await measure(upstream);
    const others: Figures[] = [];
    for (const start of [startNginx, startHttpProxy, ...cdx2]) {
      const figures = await measureStarted(start, upstream.target.port);
      if (figures) others.push(figures);
    }
    console.log(`${conditions()}\n\n${table(direct, others)}`);
  } finally {
    await upstream.stop();
  }
}
