/**
 * Measures what the proxy costs beside other proxies: direct, nginx, Node's http-proxy, cdx2 from source, and the
 * executable where there is one. All run at once on loopback, one is loaded at a time, in an order that changes with
 * each round; what is compared are the CPU times of the same round. Before that, each is warmed up until its CPU time for
 * a request falls no further, and kept in use while others are measured. With three rounds it takes ten minutes on a machine
 * that does nothing else; it begins no round after ten minutes of measuring.
 *
 *   deno task bench                        writes docs/performance.md and docs/performance.json
 *   deno task bench --check                compares with docs/performance.json instead, and fails when CPU time grew
 *   deno task bench --print                prints the tables and writes nothing
 *
 * `--rounds 5`, `--minutes 10`, `--case turn1` (may be repeated) and `--bin dist/cdx2` say how long, what and which executable.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Case, CASES, isComparable, KEY_COUNTS, KEYS_CASE } from "./bench/cases.ts";
import { makeCertificate } from "./bench/certificate.ts";
import {
  type Contender,
  SOURCE,
  type Start,
  startBareRelay,
  startCdx2,
  startHttpProxy,
  startNginx,
  startUpstream,
  type UpstreamPorts,
} from "./bench/contenders.ts";
import {
  type AllFigures,
  figuresOf,
  isSettled,
  type Measured,
  percentiles,
  regressions,
  type Round,
} from "./bench/figures.ts";
import { keepInUse } from "./bench/in_use.ts";
import { load } from "./bench/load.ts";
import { outputOf } from "./bench/programs.ts";
import { memoryMb, withCpuTime } from "./bench/process_cost.ts";
import { pageWith, reportOf, type Run } from "./bench/report.ts";
import { raceOfWebSockets, startTunnel, startWsUpstream } from "./bench/websockets.ts";

const ROOT = new URL("../", import.meta.url);
const PAGE = new URL("docs/performance.md", ROOT);
const JSON_FILE = new URL("docs/performance.json", ROOT);
const WARM_UP_CASES = ["json16", "turn8", "events10", "tls_json16", "tls_turn1"];
const WARM_UP = CASES.filter(({ name }) => WARM_UP_CASES.includes(name))
  .map((one) => ({ ...one, maxCount: one.events > 0 ? one.maxCount : 2000, maxMs: 10_000 }));
// V8 compiles what runs often, and once more when it has seen more: cdx2 takes half as much CPU time after 80,000 requests
// as after 20,000.
const WARM_UP_BLOCK = { ...KEYS_CASE, maxCount: 5000, maxMs: Infinity };
const WARM_UP_BLOCKS = 20;
// The same with events: one takes a fifth less after 15,000 of them.
const WARM_UP_EVENTS = CASES.find(({ name }) => name === "events500")!;
// For some seconds after a load the proxy writes what it keeps of it into the auth dir, and looks into a folder that changes more often.
const [REST_AFTER_MS, REST_MS] = [12_000, 5000];

async function measure(contender: Contender, one: Case): Promise<Measured | undefined> {
  const { plain, tls } = contender;
  const target = one.isTls ? tls : plain;
  if (target === undefined) return undefined;
  const [{ eachMs, delaysMs, wholeMs }, cpuUs] = await withCpuTime(target, () => load(target, one))
    .catch((error) => Promise.reject(new Error(`${one.name} of ${contender.id}: ${error.message}`)));
  const [p50Ms, p99Ms] = percentiles(eachMs);
  const [delayP50Ms, delayP99Ms] = one.events > 0 ? percentiles(delaysMs) : [undefined, undefined];
  const count = one.events > 0 ? eachMs.length * one.events : eachMs.length;
  return {
    requestsPerSecond: eachMs.length / wholeMs * 1000,
    p50Ms,
    p99Ms,
    cpuUs: cpuUs && cpuUs / count,
    delayP50Ms,
    delayP99Ms,
    memoryMb: target.pid && await memoryMb(target.pid),
  };
}

/** Loads a contender until it is as fast as it gets. Resolves with the number of JSON requests that it took. */
async function warmUp(contender: Contender): Promise<number> {
  for (const one of WARM_UP) await measure(contender, one);
  const { plain, tls } = contender;
  // cdx2 has a service for each upstream. One that is cold took three times the CPU time for a turn.
  const isTlsApart = tls !== undefined && tls.pid !== plain.pid;
  const requests = await warmUpWith(contender, WARM_UP_BLOCK) +
    (isTlsApart ? await warmUpWith(contender, { ...WARM_UP_BLOCK, isTls: true }) : 0);
  await measure(contender, WARM_UP_EVENTS);
  return requests;
}

async function warmUpWith(contender: Contender, block: Case): Promise<number> {
  const blocksUs: number[] = [];
  while (blocksUs.length < WARM_UP_BLOCKS && !isSettled(blocksUs)) {
    const found = await measure(contender, block);
    if (found?.cpuUs === undefined) break;
    blocksUs.push(found.cpuUs);
  }
  return blocksUs.length * block.maxCount;
}

/** How long to measure. */
interface Limits {
  readonly rounds: number;
  /** No round begins when this time has passed, except the first. */
  readonly maxMs: number;
}

/** Each round loads every contender with every case. */
async function race(
  contenders: readonly Contender[],
  cases: readonly Case[],
  { rounds, maxMs }: Limits,
): Promise<{ readonly figures: AllFigures; readonly rounds: number; readonly warmUp: Run["warmUp"] }> {
  await using _inUse = keepInUse(contenders.flatMap(({ plain, tls }) => tls ? [plain, tls] : [plain]));
  const warmed: [id: string, requests: number][] = [];
  for (const contender of contenders) {
    console.error(`warming up ${contender.id}`);
    warmed.push([contender.id, await warmUp(contender)]);
  }
  const untilMs = performance.now() + maxMs;
  const measured: Record<string, Round[]> = {};
  let round = 0;
  for (; round < rounds && (round === 0 || performance.now() < untilMs); round++) {
    console.error(`round ${round + 1} of ${rounds}`);
    const rotated = [
      ...contenders.slice(round % contenders.length),
      ...contenders.slice(0, round % contenders.length),
    ];
    for (const one of cases) {
      const found: [id: string, measured: Measured][] = [];
      for (const contender of round % 2 === 0 ? rotated : rotated.toReversed()) {
        const figures = await measure(contender, one);
        if (figures) found.push([contender.id, figures]);
      }
      (measured[one.name] ??= []).push(Object.fromEntries(found));
    }
  }
  const figures = Object.entries(measured).map(([name, rounds]) => [name, figuresOf(rounds)] as const);
  return { figures: Object.fromEntries(figures), rounds: round, warmUp: Object.fromEntries(warmed) };
}

/** Runs `act` with those contenders that this machine has, and ends them. */
async function withContenders<T>(
  starts: readonly Start[],
  upstream: UpstreamPorts,
  act: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "cdx2-bench-" });
  const running: Contender[] = [];
  try {
    for (const [index, start] of starts.entries()) {
      await Deno.mkdir(`${folder}/${index}`);
      const contender = await start(upstream, `${folder}/${index}`);
      if (contender) running.push(contender);
    }
    return await act(running);
  } finally {
    for (const contender of running) await contender.stop().catch((error) => console.error(error));
    await removeFolder(folder);
  }
}

/** A program may still write its last line there; the figures are worth more than a tidy folder. */
async function removeFolder(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => console.error(error));
}

/** On a machine that is busy with other things, ten thousand keys may not be loaded in time: all other figures stay. */
function orNone(start: Start): Start {
  return (upstream, folder) =>
    start(upstream, folder).catch((error) => {
      console.error(`left out, as it does not start: ${error.message}`);
      return undefined;
    });
}

async function raceOfKeys(
  upstream: UpstreamPorts,
  limits: Limits,
): Promise<Pick<Run, "keys" | "atRest">> {
  const starts = KEY_COUNTS.map((keys) =>
    orNone(
      startCdx2({ id: String(keys), name: `${keys} keys`, program: SOURCE, keys, certificate: undefined }),
    )
  );
  // Of TLS there is nothing to know here.
  const plain = { ...upstream, tls: undefined };
  return await withContenders(starts, plain, async (contenders) => {
    const { figures } = await race(contenders, [KEYS_CASE], limits);
    await pause(REST_AFTER_MS);
    const atRest: [id: string, share: number][] = [];
    for (const { id, plain } of contenders) {
      const [, cpuUs] = await withCpuTime(plain, () => pause(REST_MS));
      if (cpuUs !== undefined) atRest.push([id, cpuUs / 1000 / REST_MS]);
    }
    return { keys: figures[KEYS_CASE.name] ?? {}, atRest: Object.fromEntries(atRest) };
  });
}

/** What relaying WebSockets costs each cdx2. */
async function webSockets(proxies: readonly Start[], rounds: number): Promise<Run["webSockets"]> {
  const { direct, port } = await startWsUpstream();
  const tunnel: Start = () => startTunnel(port);
  try {
    return await withContenders(
      [tunnel, ...proxies],
      { plain: port, tls: undefined },
      (contenders) => raceOfWebSockets([direct, ...contenders], rounds),
    );
  } finally {
    await direct.stop();
  }
}

async function run(bin: string, cases: readonly Case[], limits: Limits): Promise<Run> {
  const folder = await Deno.makeTempDir({ prefix: "cdx2-bench-" });
  const certificate = await makeCertificate(folder);
  const { direct, ports } = await startUpstream(certificate);
  const executable = await Deno.realPath(bin).catch(() => undefined);
  const starts: Start[] = [
    startNginx,
    startHttpProxy,
    startBareRelay,
    startCdx2({ id: "source", name: `cdx2, Deno ${Deno.version.deno}`, program: SOURCE, certificate }),
    ...(executable
      ? [
        startCdx2({
          id: "executable",
          name: `cdx2, executable, ${await runtimeIn(executable)}`,
          program: [executable],
          certificate,
        }),
      ]
      : []),
  ];
  const before = Deno.loadavg()[0]!;
  try {
    return await withContenders(starts, ports, async (proxies) => {
      const contenders = [direct, ...proxies];
      const found = await race(contenders, cases, limits);
      const ids = contenders.map(({ id }) => id);
      return {
        machine: machineText(),
        contenders: Object.fromEntries(contenders.map(({ id, name }) => [id, name])),
        missing: [
          ...["nginx", "http-proxy"].filter((id) => !ids.includes(id)).map((id) =>
            `${id}, which is not installed`
          ),
          ...(executable ? [] : ["the executable, which is not built"]),
          ...(certificate ? [] : ["TLS, because openssl is not installed"]),
        ],
        rounds: found.rounds,
        warmUp: found.warmUp,
        cases: found.figures,
        ...await raceOfKeys(ports, limits),
        webSockets: await webSockets(starts.slice(3), limits.rounds),
        load: [before, Deno.loadavg()[0]!] as const,
      };
    });
  } finally {
    await direct.stop();
    await removeFolder(folder);
  }
}

/** The Deno that an executable contains, by the name that it gives itself in requests. */
async function runtimeIn(executable: string): Promise<string> {
  const name = await outputOf("grep", ["-aom1", "Deno/[0-9.]*[0-9]", executable]);
  return name?.split("\n")[0]?.replace("/", " ") ?? "unknown Deno";
}

function machineText(): string {
  const { arch, os } = Deno.build;
  return `${navigator.hardwareConcurrency} cores, ${os} ${arch}, Deno ${Deno.version.deno}`;
}

async function write(found: Run): Promise<void> {
  await Deno.writeTextFile(JSON_FILE, JSON.stringify(found, rounded, 2) + "\n");
  await Deno.writeTextFile(PAGE, pageWith(await Deno.readTextFile(PAGE), reportOf(found)));
  await outputOf(Deno.execPath(), ["fmt", "--quiet", PAGE.pathname, JSON_FILE.pathname]);
  console.log(`wrote ${PAGE.pathname} and ${JSON_FILE.pathname}`);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}

/** `undefined` when nothing has been written yet. */
async function earlierRun(): Promise<Run | undefined> {
  const text = await Deno.readTextFile(JSON_FILE).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function check(found: Run, earlier: Run): void {
  const compared = CASES.filter((one) => one.name in found.cases && isComparable(one));
  const now = Object.fromEntries(compared.map(({ name }) => [name, found.cases[name]!]));
  const worse = regressions(now, earlier.cases);
  for (const text of worse) console.log(text);
  if (worse.length > 0) Deno.exit(1);
  console.log("no case costs more CPU time than in docs/performance.json, beside the same proxies");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      bin: { type: "string", default: new URL("dist/cdx2", ROOT).pathname },
      rounds: { type: "string", default: "5" },
      minutes: { type: "string", default: "10" },
      case: { type: "string", multiple: true, default: [] },
      check: { type: "boolean", default: false },
      print: { type: "boolean", default: false },
    },
  });
  const cases = CASES.filter(({ name }) => values.case.length === 0 || values.case.includes(name));
  const earlier = await earlierRun();
  if (values.check && !earlier) {
    console.error(
      "There are no figures to compare with\nhint: write some with deno task bench, on a quiet machine",
    );
    Deno.exit(1);
  }
  const limits = { rounds: Number(values.rounds), maxMs: Number(values.minutes) * 60_000 };
  const found = await run(values.bin, cases, limits);
  if (values.check) check(found, earlier!);
  else if (values.print) console.log(reportOf(found));
  else await write(found);
}
