/**
 * The tables of docs/performance.md. Pure.
 * @module
 */

import { table } from "../docs/markdown.ts";
import { CASES, KEY_COUNTS } from "./cases.ts";
import type { AllFigures, Figures } from "./figures.ts";
import type { WsRun } from "./websockets.ts";

/** How the figures were measured. */
export interface Conditions {
  readonly machine: string;
  /** By the ids of the contenders, in the order of the tables. */
  readonly contenders: Readonly<Record<string, string>>;
  /** What could not be measured, each with the reason. */
  readonly missing: readonly string[];
  readonly rounds: number;
  /** The requests of 1 KB of JSON that each contender answered before the first round, by its id. */
  readonly warmUp: Readonly<Record<string, number>>;
  /** The load average of the last minute, before and after. */
  readonly load: readonly [before: number, after: number];
}

/** All that a run has found. */
export interface Run extends Conditions {
  readonly cases: AllFigures;
  /** CPU time per request by the number of keys. */
  readonly keys: Readonly<Record<string, Figures>>;
  /** The share of a core that is used without any request, by the number of keys. */
  readonly atRest: Readonly<Record<string, number>>;
  readonly webSockets: WsRun;
}

const rounded = (load: number) => load.toFixed(2);

/** The text for docs/performance.md, before it is formatted. */
export function reportOf(run: Run): string {
  const { machine, missing, rounds, load } = run;
  return [
    `${machine}. Medians of ${rounds} rounds; all contenders run, one is loaded at a time, and their order changes. The ` +
    `load average was ${rounded(load[0])} before and ${rounded(load[1])} after the run. The load generator ` +
    "and the upstream are Deno processes with raw sockets on the same machine." +
    (run.contenders["bare"]
      ? " The bare relay is the server and the client of our own with nothing between: the least that a request can cost."
      : "") +
    missing.map((text) => ` Not measured: ${text}.`).join(""),
    "Before the first round, each was loaded with 1 KB of JSON until its CPU time for a request fell no further. Requests that " +
    `it took: ${
      warmUpText(run)
    }. Then each had 500 streams of events once. While others are measured, each gets a request every three seconds: after a pause of ` +
    "seven, cdx2 returns the memory of a load, and compiled code with it.",
    "CPU time of the proxy's whole process tree per request, or per event where they are paced, in µs; in brackets the " +
    "ratio to nginx and to http-proxy, each the median of the ratios of the rounds:",
    casesTable(run, cpuCell),
    "Requests per second, with the same ratios:",
    casesTable(run, rateCell, (name) => !name.startsWith("events")),
    "Time of a request, p50 / p99, and in brackets what is added to the p50 without a proxy, in ms:",
    casesTable(run, timeCell, (name) => !name.startsWith("events")),
    "Delay of an event, p50 / p99, in brackets what is added to the p50, in ms; then the memory of the proxy, in MB:",
    casesTable(run, delayCell, (name) => name.startsWith("events")),
    "Many keys, from source, 1 KB of JSON × 16: CPU time per request in µs, memory in MB, and the share of a core that the service takes without requests, for looking at the auth dir:",
    keysTable(run),
    "WebSockets with an event every 20 ms each: the delay of an event, p50 / p99, in brackets what is added to the p50 " +
    "without a proxy, in ms; then the CPU time for each event, in µs; and the memory of an idle socket:",
    webSocketsTable(run.webSockets),
  ].join("\n\n");
}

function warmUpText({ contenders, warmUp }: Run): string {
  return Object.entries(warmUp).filter(([, requests]) => requests > 0)
    .map(([id, requests]) => `${contenders[id]} ${requests.toLocaleString("en")}`).join("; ");
}

type Cell = (figures: Figures) => string;

function casesTable(
  { contenders, cases }: Run,
  cell: Cell,
  isShown: (name: string) => boolean = () => true,
): string {
  const shown = CASES.filter(({ name }) => cases[name] !== undefined && isShown(name));
  const ids = Object.keys(contenders).filter((id) => cell !== cpuCell || id !== "direct");
  const rows = shown.map(({ name, title }) => [title, ...ids.map((id) => cellOf(cases[name]![id], cell))]);
  return table(["", ...ids.map((id) => contenders[id]!)], rows);
}

function webSocketsTable({ contenders, cases, idleKb }: WsRun): string {
  const ids = Object.keys(contenders);
  const cell = (figures: Figures) =>
    delayCell({ ...figures, memoryMb: undefined }) +
    (figures.cpuUs === undefined ? "" : `; ${figures.cpuUs.toFixed(0)}`);
  const rows = Object.entries(cases).map((
    [title, found],
  ) => [title, ...ids.map((id) => cellOf(found[id], cell))]);
  const idle = ids.map((id) => idleKb[id] === undefined ? "–" : `${idleKb[id].toFixed(0)} kB`);
  return table(["", ...ids.map((id) => contenders[id]!)], [...rows, ["an idle socket", ...idle]]);
}

function cellOf(figures: Figures | undefined, cell: Cell): string {
  return figures === undefined ? "–" : cell(figures);
}

function cpuCell({ cpuUs, against }: Figures): string {
  if (cpuUs === undefined) return "–";
  return cpuUs.toFixed(0) + inBrackets(Object.values(against).map(({ cpu }) => cpu));
}

function rateCell({ requestsPerSecond, against }: Figures): string {
  return requestsPerSecond.toFixed(0) +
    inBrackets(Object.values(against).map((ratio) => ratio.requestsPerSecond));
}

function inBrackets(ratios: readonly (number | undefined)[]): string {
  const known = ratios.filter((ratio) => ratio !== undefined);
  return known.length === 0 ? "" : ` (${known.map((ratio) => ratio.toFixed(2)).join(", ")})`;
}

function timeCell({ p50Ms, p99Ms, addedP50Ms }: Figures): string {
  return `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)}${added(addedP50Ms)}`;
}

function delayCell({ delayP50Ms, delayP99Ms, addedDelayP50Ms, memoryMb }: Figures): string {
  if (delayP50Ms === undefined || delayP99Ms === undefined) return "–";
  const memory = memoryMb === undefined ? "" : `; ${memoryMb.toFixed(0)}`;
  return `${delayP50Ms.toFixed(2)} / ${delayP99Ms.toFixed(2)}${added(addedDelayP50Ms)}${memory}`;
}

function added(ms: number | undefined): string {
  return ms === undefined || ms === 0 ? "" : ` (${ms > 0 ? "+" : "−"}${Math.abs(ms).toFixed(2)})`;
}

function keysTable({ keys, atRest }: Run): string {
  const rows = KEY_COUNTS.filter((count) => keys[count] !== undefined).map((count) => {
    const { cpuUs, requestsPerSecond, memoryMb } = keys[count]!;
    return [
      count.toLocaleString("en-US"),
      cpuUs?.toFixed(0) ?? "–",
      requestsPerSecond.toFixed(0),
      memoryMb?.toFixed(0) ?? "–",
      atRest[count] === undefined ? "–" : `${(atRest[count] * 100).toFixed(1)} %`,
    ];
  });
  return table(["Keys", "CPU", "Requests per second", "Memory", "At rest"], rows);
}

/** The page with a script's report in the place of the last one. @throws {Error} when the page has no such place */
export function pageWith(page: string, report: string, script = "bench"): string {
  const begin = `<!-- Written by deno task ${script} -->`;
  const end = `<!-- End of what deno task ${script} writes -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${report}\n\n${page.slice(to)}`;
}
