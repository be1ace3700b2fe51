/**
 * Loads the proxy with everything at once for ten minutes: calls, turns, paced streams, uploads and downloads of 5 MB,
 * clients that leave in the middle, and somebody who looks at all management pages; then with 200,000 short requests. It
 * fails when an answer is wrong, when descriptors are left over, or when memory keeps growing. Outside of the CI, since
 * it takes its time.
 *
 *   deno task soak [--minutes 10] [--short 200000] [--bin dist/cdx2]     without --bin, cdx2 runs from source
 *   deno task soak --print                                               changes no file
 *
 * It writes its part of docs/performance.md, and docs/images/soak.svg.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Case, CASES } from "./bench/cases.ts";
import { SOURCE, startCdx2, startUpstream } from "./bench/contenders.ts";
import { load, post, type Target } from "./bench/load.ts";
import { memoryMb } from "./bench/process_cost.ts";
import { pageWith } from "./bench/report.ts";
import { outputOf } from "./bench/programs.ts";
import { soakPlot, soakReport, type SoakRun } from "./bench/soak_report.ts";
import { complaints, type Sample } from "./bench/soak_verdict.ts";

const SAMPLE_MS = 5000;
// After this time without requests, no connection is kept any more.
const REST_MS = 15_000;
const PAGES = ["/health", "/debug", "/trace", "/metrics", "/auth-files"];
const MIXED = ["json16", "turn8", "events100", "upload", "download"];

const PAGE = new URL("../docs/performance.md", import.meta.url);
const PLOT = "images/soak.svg";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    short: { type: "string", default: "200000" },
    bin: { type: "string" },
    print: { type: "boolean", default: false },
  },
});
const program = values.bin === undefined ? SOURCE : [await Deno.realPath(values.bin)] as const;
const folder = await Deno.makeTempDir({ prefix: "cdx2-soak-" });
const { direct, ports } = await startUpstream(undefined);
const start = startCdx2({ id: "soak", name: "soak", program, certificate: undefined });
const proxy = await start({ ...ports, tls: undefined }, folder);
const untilMs = performance.now() + Number(values.minutes) * 60_000;
const isOver = () => performance.now() > untilMs;
const counts: Record<string, number> = {};
const errors: string[] = [];
let delayMs: number | undefined;
const probe = new Worker(new URL("bench/delay_probe.ts", import.meta.url), { type: "module" });
probe.onmessage = ({ data }) => delayMs = Math.max(delayMs ?? 0, data);
try {
  const { plain } = proxy!;
  const managementKey = await managementKeyOf(`${folder}/plain`);
  const atStart = await sampled(plain.pid!);
  const samples: Sample[] = [];
  probe.postMessage(plain.port);
  const sampling = setInterval(async () => samples.push(await sampled(plain.pid!)), SAMPLE_MS);
  await Promise.all([
    ...CASES.filter(({ name }) => MIXED.includes(name)).map((one) =>
      repeat(one.name, () => once(plain, one))
    ),
    repeat("clients that leave", () => leave(plain)),
    repeat("management pages", () => lookAround(plain, managementKey)),
  ]);
  clearInterval(sampling);
  probe.terminate();
  await pause(REST_MS);
  const atRest = await sampled(plain.pid!);
  // The first half warms up what the mixed load has let get cold.
  const aroundShort = [await afterShort(plain), await afterShort(plain)] as const;
  await tell({
    ...{ atStart, samples, atRest, errors, counts, aroundShort },
    program: values.bin === undefined ? `cdx2 from source, Deno ${Deno.version.deno},` : "the executable",
    machine: `${navigator.hardwareConcurrency} cores`,
    minutes: Number(values.minutes),
    shortRequests: Number(values.short),
  });
} finally {
  probe.terminate();
  await proxy?.stop();
  await direct.stop();
  await Deno.remove(folder, { recursive: true }).catch((error) => console.error(error));
}

/** What the process holds at rest after half of the short requests. */
async function afterShort(target: Target): Promise<Sample> {
  const short = CASES.find(({ name }) => name === "json16")!;
  await load(target, { ...short, maxCount: Number(values.short) / 2, maxMs: Infinity })
    .catch((error) => errors.push(`short requests: ${error}`));
  await pause(REST_MS);
  return await sampled(target.pid!);
}

async function tell(run: SoakRun): Promise<void> {
  const found = complaints(run);
  const report = soakReport(run, found, PLOT);
  console.log(report);
  Deno.exitCode = found.length === 0 ? 0 : 1;
  if (values.print) return;
  await Deno.writeTextFile(new URL(PLOT, PAGE), soakPlot(run.samples, run.minutes));
  await Deno.writeTextFile(PAGE, pageWith(await Deno.readTextFile(PAGE), report, "soak"));
  await outputOf(Deno.execPath(), ["fmt", "--quiet", PAGE.pathname, new URL(PLOT, PAGE).pathname]);
}

/** Does the same again and again until the time has passed. */
async function repeat(name: string, act: () => Promise<number>): Promise<void> {
  while (!isOver()) {
    const done = await act().catch((error) => {
      errors.push(`${name}: ${error}`);
      return 0;
    });
    counts[name] = (counts[name] ?? 0) + done;
  }
}

async function once(target: Target, one: Case): Promise<number> {
  const { eachMs } = await load(target, one);
  // One kind of request must not take all of the machine.
  await pause(500);
  return eachMs.length;
}

/** A client that asks for a long stream and disconnects in its middle. */
async function leave({ port, path }: Target): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(post(`${path}?ticks=500`, 1024));
  await connection.read(new Uint8Array(1024));
  await pause(100);
  return 1;
}

async function lookAround({ port }: Target, key: string): Promise<number> {
  for (const page of PAGES) {
    const response = await fetch(`http://127.0.0.1:${port}${page}`, { headers: { "x-management-key": key } });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${page} answers ${response.status}`);
  }
  await pause(1000);
  return PAGES.length;
}

async function managementKeyOf(authDir: string): Promise<string> {
  const text = await Deno.readTextFile(`${authDir}/.env`);
  return /MANAGEMENT_KEY="?'?([^"'\n]+)/.exec(text)![1]!;
}

async function sampled(pid: number): Promise<Sample> {
  const descriptors = (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
  const sample = { descriptors, memoryMb: await memoryMb(pid) ?? NaN, delayMs };
  delayMs = undefined;
  return sample;
}
