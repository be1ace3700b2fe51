/**
 * This process and others, as a port: arguments, environment, signals, children.
 * @module
 */

import { homedir } from "node:os";
import { type ForegroundChild, spawnErrorOf, spawnForeground } from "./foreground.ts";
import { runTool } from "./tool.ts";
import { MEMORY } from "./memory.ts";
import { V8_FLAGS } from "./v8_flags.ts";
import { type FoundProcess, linuxAgeMs, linuxStat, listenerOf, processesWith } from "./process_table.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;
/** The signals that the program sends or handles. */
export type SignalName =
  | "SIGINT"
  | "SIGTERM"
  | "SIGHUP"
  | "SIGKILL"
  | "SIGQUIT"
  | "SIGALRM"
  | "SIGUSR1"
  | "SIGUSR2";

/** What the program does with processes. */
export interface Processes {
  /** Of this process. */
  readonly pid: number;
  /**
   * Starts this program again, in a session of its own, without a terminal, and with as many descriptors as the system
   * lets it have. Returns its pid and does not wait for it. @throws {@link SpawnError}
   */
  spawnSelfDetached(args: readonly string[], env: Environment): number;
  /**
   * Runs this program again, in a session of its own and without a terminal. Resolves with its standard output when it has
   * ended; it goes on when this process ends first.
   */
  runSelfDetached(args: readonly string[], env: Environment): Promise<string>;
  /** Runs a command on this terminal. @throws {@link SpawnError} */
  spawnForeground(command: string, args: readonly string[], env: Environment): ForegroundChild;
  /** The standard output of a command; `undefined` when it cannot be run, fails, or does not end within 15 s. */
  outputOf(command: string, args: readonly string[]): Promise<string | undefined>;
  isAlive(pid: number): boolean;
  /** A text that tells this run of the pid from others (its start time); `undefined` when it is not running. */
  identityOf(pid: number): Promise<string | undefined>;
  /** Milliseconds since its start, whatever somebody did to the wall clock; `undefined` when the system does not tell. */
  ageOf(pid: number): number | undefined;
  /** The process of this user that listens on a TCP port; `undefined` when there is none, or the system does not tell. */
  listenerOf(port: number): Promise<number | undefined>;
  /** The other processes whose arguments end with these. */
  processesWith(args: readonly string[]): Promise<readonly FoundProcess[]>;
  /** Lets this process open as many files and sockets as the system lets it. Does nothing where that is not possible. */
  raiseDescriptorLimit(): Promise<void>;
  /** Sends a signal; `false` when there is no such process (any more). */
  signal(pid: number, name: SignalName): boolean;
  /**
   * Whether a terminal sends the signals of its keys, such as Ctrl-C, to this process, and so to what it runs in the
   * foreground; `undefined` when the system does not tell.
   */
  getsKeySignals(): boolean | undefined;
  /** Calls `act` for each such signal, until the returned function is called. */
  onSignal(name: SignalName, act: () => void): () => void;
}

/** The environment of this process. */
export function environment(): Environment {
  return Deno.env.toObject();
}

/** What `~` stands for, by the environment or else the system; never the working folder, whose files may be anybody's. */
export function homeFolder(env: Environment): string {
  return env["HOME"] || env["USERPROFILE"] || homedir() || "/nonexistent";
}

/** The working folder of this process. */
export function currentFolder(): string {
  return Deno.cwd();
}

/**
 * Calls `act` with each error that nobody catches, in this thread and from now on. Such an error then ends nothing; without
 * this, it ends the process or the worker.
 */
export function onStrayError(act: (error: unknown) => void): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    act(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    act(event.error ?? event.message);
  });
}

/** Sets a variable of this process. `fetch` reads the HTTP proxy variables from there. */
export function setEnvironment(name: string, value: string): void {
  Deno.env.set(name, value);
}

// A program that asks a keyring may wait for a password that nobody types.
const OUTPUT_TIMEOUT_MS = 15_000;
const SIGNAL_EXIT_BASE = 128;
const isBsd = Deno.build.os === "darwin" || Deno.build.os === "freebsd";
const SIGNAL_NUMBERS: Record<SignalName, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGALRM: 14,
  SIGTERM: 15,
  // The only ones whose numbers differ between systems.
  SIGUSR1: isBsd ? 30 : 10,
  SIGUSR2: isBsd ? 31 : 12,
};

/** The exit code that a shell gives a command ended by this signal. */
export function signalExitCode(name: SignalName): number {
  return SIGNAL_EXIT_BASE + SIGNAL_NUMBERS[name];
}

/** Each that ends a program which does not listen to it, and that a program can listen to. */
export const ENDING_SIGNALS = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGALRM",
  "SIGUSR1",
  "SIGUSR2",
] as const satisfies readonly SignalName[];

/**
 * Calls `act` with the exit code of each of the {@link ENDING_SIGNALS}, which then no longer ends this process. Returns how
 * to stop listening.
 */
export function onEndingSignal(
  processes: Pick<Processes, "onSignal">,
  act: (exitCode: number) => void,
): () => void {
  const stops = ENDING_SIGNALS.map((name) => processes.onSignal(name, () => act(signalExitCode(name))));
  return () => {
    for (const stop of stops) stop();
  };
}

/** The real processes. */
export const systemProcesses: Processes = {
  pid: Deno.pid,
  spawnSelfDetached(args, env) {
    const { command, leading } = selfCommand();
    const own = [command, ...leading, ...args];
    const withMemory = { ...MEMORY, ...env };
    // Without a shell, the limit stays as it is.
    return spawnDetached("/bin/sh", ["-c", WITH_MANY_DESCRIPTORS, ...own], withMemory) ??
      spawnDetached(command, own.slice(1), withMemory)!;
  },
  async runSelfDetached(args, env) {
    const { command, leading } = selfCommand();
    const { stdout } = await new Deno.Command(command, {
      args: [...leading, ...args],
      env,
      clearEnv: true,
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  },
  spawnForeground,
  async outputOf(command, args) {
    const end = await runTool(command, args, { stdin: "", timeoutMs: OUTPUT_TIMEOUT_MS });
    return end.kind === "exited" && end.code === 0 ? end.stdout : undefined;
  },
  isAlive: (pid) => sendSignal(pid, 0),
  async identityOf(pid) {
    if (Deno.build.os === "linux") {
      const stat = linuxStat(pid);
      return stat === undefined || stat.isZombie ? undefined : `ticks:${stat.startTicks}`;
    }
    const started = await systemProcesses.outputOf("ps", ["-p", String(pid), "-o", "lstart="]);
    return started?.trim() || undefined;
  },
  ageOf: (pid) => Deno.build.os === "linux" ? linuxAgeMs(pid) : undefined,
  listenerOf: (port) => listenerOf(port, systemProcesses.outputOf),
  processesWith: (args) => processesWith(args, systemProcesses.outputOf),
  async raiseDescriptorLimit() {
    // Without util-linux, the limit stays as it is.
    if (Deno.build.os !== "linux") return;
    const raise = `prlimit --pid ${Deno.pid} --nofile="$(ulimit -Hn):"`;
    await systemProcesses.outputOf("/bin/sh", ["-c", raise]);
  },
  signal: sendSignal,
  getsKeySignals: () => linuxStat(Deno.pid)?.isInForeground,
  onSignal(name, act) {
    if (Deno.build.os === "windows" && name !== "SIGINT") return () => {};
    Deno.addSignalListener(name, act);
    return () => Deno.removeSignalListener(name, act);
  },
};

// Each stream takes two descriptors, and many systems give a process 1,024 or 256 although it may ask for more. Deno has
// no setrlimit(), but a shell can raise the limit for what it executes in its own place, under the same pid. macOS has
// no hard limit, yet refuses more than the kernel has.
const WITH_MANY_DESCRIPTORS =
  '{ ulimit -n "$(ulimit -Hn)" || ulimit -n 65536 || ulimit -n 10240; } 2>/dev/null; exec "$0" "$@"';

/** The pid; `undefined` when there is no such command. */
function spawnDetached(command: string, args: readonly string[], env: Environment): number | undefined {
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      env,
      clearEnv: true,
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    return child.pid;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw spawnErrorOf(command, error);
  }
}

/**
 * The program that runs now, and the arguments that it needs before ours. Compiled, the executable is the program. Under
 * `deno run` it is Deno, and the program is one of its arguments.
 */
export function selfCommand(): { command: string; leading: readonly string[] } {
  if (Deno.build.standalone) return { command: Deno.execPath(), leading: [] };
  const v8Flags = `--v8-flags=${V8_FLAGS}`;
  return { command: Deno.execPath(), leading: ["run", "-A", "--quiet", v8Flags, Deno.mainModule] };
}

function sendSignal(pid: number, name: SignalName | 0): boolean {
  try {
    Deno.kill(pid, name as Deno.Signal);
    return true;
  } catch (error) {
    // A process of another user is alive, although it may not be signalled.
    return error instanceof Deno.errors.PermissionDenied && name === 0;
  }
}
