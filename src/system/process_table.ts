/**
 * Looks through the processes of this machine, for when no file says which one is ours: by what they listen on, and by
 * their arguments. Linux tells it in /proc, other systems through `lsof` and `ps`.
 * @module
 */

/** A process that was found. */
export interface FoundProcess {
  readonly pid: number;
  /** Since its start; `undefined` when the system does not tell. */
  readonly ageMs: number | undefined;
}

/** The output of a command; `undefined` when it cannot be run. */
type OutputOf = (command: string, args: readonly string[]) => Promise<string | undefined>;

const isLinux = Deno.build.os === "linux";

/**
 * The process of this user that listens on a TCP port. Another user's is not found: neither `lsof` nor /proc shows whose
 * socket that is.
 */
export async function listenerOf(port: number, outputOf: OutputOf): Promise<number | undefined> {
  if (!isLinux) {
    const found = await outputOf("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"]);
    return found?.split("\n").map(Number).find((pid) => pid > 0);
  }
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(textOf);
  const inodes = tables.flatMap((table) => listeningInodes(table, { port, uid: Deno.uid() ?? -1 }));
  return inodes.length === 0 ? undefined : await ownerOf(new Set(inodes.map((inode) => `socket:[${inode}]`)));
}

// Columns: sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode (proc_net_tcp.rst).
const LISTEN = "0A";

/** The sockets of a user that listen on a port, in the text of /proc/net/tcp. */
export function listeningInodes(
  table: string,
  { port, uid }: { readonly port: number; readonly uid: number },
): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , owner, , inode] = line.trim().split(/\s+/);
    const isIt = local.endsWith(`:${hexPort}`) && state === LISTEN && Number(owner) === uid;
    return isIt && inode !== undefined ? [inode] : [];
  });
}

async function ownerOf(sockets: ReadonlySet<string>): Promise<number | undefined> {
  for (const pid of await allPids()) {
    for (const name of await namesIn(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
      if (sockets.has(target)) return pid;
    }
  }
  return undefined;
}

/** The other processes whose arguments end with `tail`. */
export async function processesWith(
  tail: readonly string[],
  outputOf: OutputOf,
): Promise<readonly FoundProcess[]> {
  if (!isLinux) {
    return inProcessList(await outputOf("ps", ["-axo", "pid=,command="]) ?? "", tail)
      .filter((pid) => pid !== Deno.pid).map((pid) => ({ pid, ageMs: undefined }));
  }
  const ending = tail.map((arg) => `\0${arg}`).join("") + "\0";
  const found: FoundProcess[] = [];
  for (const pid of await allPids()) {
    if (pid === Deno.pid || !textOf(`/proc/${pid}/cmdline`).endsWith(ending)) continue;
    found.push({ pid, ageMs: linuxAgeMs(pid) });
  }
  return found;
}

/** The processes in the output of `ps -axo pid=,command=` whose arguments end with `tail`. */
export function inProcessList(list: string, tail: readonly string[]): readonly number[] {
  const ending = ` ${tail.join(" ")}`;
  const lines = list.split("\n").filter((line) => line.trimEnd().endsWith(ending));
  return lines.map((line) => Number.parseInt(line.trim(), 10)).filter((pid) => pid > 0);
}

// USER_HZ, in which /proc counts, is 100 on every platform that Deno runs on.
const TICK_MS = 10;

/** Milliseconds since a process was started; `undefined` when there is none. */
export function linuxAgeMs(pid: number): number | undefined {
  // Not /proc/uptime, which some containers have of their own while the start of a process is that of the machine.
  const ageMs = Deno.osUptime() * 1000 - Number(linuxStat(pid)?.startTicks) * TICK_MS;
  return Number.isFinite(ageMs) ? Math.max(0, ageMs) : undefined;
}

/** What Linux says of a process. */
export interface LinuxStat {
  /** It has ended, and its parent has not noticed yet. */
  readonly isZombie: boolean;
  /** When it was started, in clock ticks since boot. */
  readonly startTicks: string | undefined;
  /** It belongs to the group of processes to which the keys of its terminal send their signals. */
  readonly isInForeground: boolean;
}

/** `undefined` when there is no such process. */
export function linuxStat(pid: number): LinuxStat | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === "") return undefined;
  // From field 3 on, the state; fields 5 and 8 are its group and that of its terminal, field 22 the start (proc_pid_stat(5)).
  // The command name before may hold spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { isZombie: fields[0] === "Z", startTicks: fields[19], isInForeground: fields[2] === fields[5] };
}

async function allPids(): Promise<readonly number[]> {
  return (await namesIn("/proc")).map(Number).filter((pid) => pid > 0);
}

/** Empty for a folder that is gone or not ours to read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch {
    // A process may end at any moment.
  }
  return names;
}

// The kernel answers at once: there is nothing to wait for.
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
