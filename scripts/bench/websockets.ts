/**
 * What relaying WebSockets costs, beside no proxy and a tunnel that looks at no byte: paced events on 1, 10 and 100
 * sockets, and the memory of idle ones.
 * @module
 */

import { type Contender, PATH } from "./contenders.ts";
import { type AllFigures, figuresOf, type Measured, percentiles, type Round } from "./figures.ts";
import { memoryMb, withCpuTime } from "./process_cost.ts";
import { end, spawnScript } from "./programs.ts";
import { LoadSockets } from "./ws_load.ts";

const SOCKET_COUNTS = [1, 10, 100];
const TICKS = 200;
const WARM_UP_TICKS = 50;
const IDLE_SOCKETS = 200;

/** What was found. */
export interface WsRun {
  /** By their ids, in the order of the table. */
  readonly contenders: Readonly<Record<string, string>>;
  /** By `1 socket` and the like, and the ids of the contenders. */
  readonly cases: AllFigures;
  /** Kilobytes for each idle socket, by the ids of the contenders. */
  readonly idleKb: Readonly<Record<string, number>>;
}

/** Starts the upstream, measured without a proxy as "direct". */
export async function startWsUpstream(): Promise<{ readonly direct: Contender; readonly port: number }> {
  const { child, ports: [port = 0] } = await spawnScript("ws_upstream.ts");
  return { direct: contender("direct", "direct", { port, pid: undefined }, child), port };
}

/** Starts the tunnel. */
export async function startTunnel(upstreamPort: number): Promise<Contender> {
  const { child, ports: [port = 0] } = await spawnScript("tunnel.ts", String(upstreamPort));
  return contender("tunnel", "tunnel", { port, pid: child.pid }, child);
}

function contender(
  id: string,
  name: string,
  { port, pid }: { readonly port: number; readonly pid: number | undefined },
  child: Deno.ChildProcess,
): Contender {
  return { id, name, plain: { port, pid, path: PATH }, tls: undefined, stop: () => end(child) };
}

/** Each round loads every contender with every number of sockets. */
export async function raceOfWebSockets(contenders: readonly Contender[], rounds: number): Promise<WsRun> {
  for (const one of contenders) await measure(one, 10, WARM_UP_TICKS);
  const measured: Record<string, Round[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const count of SOCKET_COUNTS) {
      const found: [id: string, measured: Measured][] = [];
      for (const one of round % 2 === 0 ? contenders : contenders.toReversed()) {
        found.push([one.id, await measure(one, count, TICKS)]);
      }
      (measured[titleOf(count)] ??= []).push(Object.fromEntries(found));
    }
  }
  const figures = Object.entries(measured).map(([title, rounds]) => [title, figuresOf(rounds)] as const);
  const idleKb: [id: string, kilobytes: number][] = [];
  for (const one of contenders) {
    const kilobytes = await idleMemory(one);
    if (kilobytes !== undefined) idleKb.push([one.id, kilobytes]);
  }
  return {
    contenders: Object.fromEntries(contenders.map(({ id, name }) => [id, name])),
    cases: Object.fromEntries(figures),
    idleKb: Object.fromEntries(idleKb),
  };
}

function titleOf(count: number): string {
  return count === 1 ? "1 socket" : `${count} sockets`;
}

async function measure({ plain }: Contender, count: number, ticks: number): Promise<Measured> {
  using sockets = await LoadSockets.open(plain, count);
  const [{ delaysMs, wholeMs }, cpuUs] = await withCpuTime(plain, async () => {
    const startMs = performance.now();
    const delaysMs = await sockets.tick(ticks);
    return { delaysMs, wholeMs: performance.now() - startMs };
  });
  const [delayP50Ms, delayP99Ms] = percentiles(delaysMs);
  return {
    requestsPerSecond: count / wholeMs * 1000,
    p50Ms: wholeMs,
    p99Ms: wholeMs,
    cpuUs: cpuUs && cpuUs / delaysMs.length,
    delayP50Ms,
    delayP99Ms,
    memoryMb: plain.pid && await memoryMb(plain.pid),
  };
}

async function idleMemory({ plain }: Contender): Promise<number | undefined> {
  if (plain.pid === undefined) return undefined;
  const before = await memoryMb(plain.pid);
  using _sockets = await LoadSockets.open(plain, IDLE_SOCKETS);
  const after = await memoryMb(plain.pid);
  return before === undefined || after === undefined ? undefined : (after - before) * 1000 / IDLE_SOCKETS;
}
