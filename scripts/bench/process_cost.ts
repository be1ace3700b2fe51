/**
 * What processes have cost, as Linux counts it: CPU time of a process with all its threads and children, and memory.
 * @module
 */

/** What `act` resolves with, and the CPU time that a process took meanwhile; `undefined` where that cannot be known. */
export async function withCpuTime<T>(
  { pid }: { readonly pid: number | undefined },
  act: () => Promise<T>,
): Promise<readonly [result: T, cpuUs: number | undefined]> {
  const beforeUs = pid && await cpuTimeUs(pid);
  const result = await act();
  const afterUs = pid && await cpuTimeUs(pid);
  return [result, beforeUs === undefined || afterUs === undefined ? undefined : afterUs - beforeUs];
}

/** The CPU time of a process and all below it, in microseconds; `undefined` where there is no /proc. */
async function cpuTimeUs(root: number): Promise<number | undefined> {
  let sumUs: number | undefined;
  for (const pid of await withChildren([root])) {
    for (const thread of await threadsOf(pid)) {
      // The first number is the time on a processor, in nanoseconds (Documentation/scheduler/sched-stats.rst).
      const text = await textOf(`/proc/${pid}/task/${thread}/schedstat`);
      if (text !== undefined) sumUs = (sumUs ?? 0) + Number(text.split(" ")[0]) / 1000;
    }
  }
  return sumUs;
}

/** The resident memory of a process and all below it, in megabytes; `undefined` where there is no /proc. */
export async function memoryMb(root: number): Promise<number | undefined> {
  let sumMb: number | undefined;
  for (const pid of await withChildren([root])) {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(await textOf(`/proc/${pid}/status`) ?? "")?.[1];
    if (kib !== undefined) sumMb = (sumMb ?? 0) + Number(kib) * 1024 / 1e6;
  }
  return sumMb;
}

async function withChildren(pids: readonly number[]): Promise<readonly number[]> {
  const children = await Promise.all(pids.map(async (pid) => {
    const lists = (await threadsOf(pid)).map((thread) => textOf(`/proc/${pid}/task/${thread}/children`));
    return (await Promise.all(lists)).flatMap((list) => list?.trim().split(" ") ?? []).filter((one) =>
      one !== ""
    )
      .map(Number);
  }));
  const below = children.flat();
  return below.length === 0 ? pids : [...pids, ...await withChildren(below)];
}

async function threadsOf(pid: number): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(`/proc/${pid}/task`))).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** `undefined` when there is no such file: not on Linux, or the thread has ended. */
async function textOf(path: string): Promise<string | undefined> {
  return await Deno.readTextFile(path).catch(() => undefined);
}
