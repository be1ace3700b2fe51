// A table of processes instead of the system's. A process ends by the first signal that it does not ignore.

import type { FoundProcess } from "../../src/system/process_table.ts";
import type { ForegroundChild } from "../../src/system/foreground.ts";
import type { Environment, Processes, SignalName } from "../../src/system/process.ts";

interface FakeProcess {
  /** `undefined`: the system does not tell. */
  readonly identity: string | undefined;
  readonly ignores: readonly SignalName[];
  /** Its whole command line. */
  readonly args: readonly string[];
  readonly ageMs: number | undefined;
}

export interface SpawnedSelf {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: Environment;
}

export class FakeProcesses implements Processes {
  readonly pid: number;
  /** Signals in the order in which they went out, as `SIGTERM 4120`. */
  readonly sent: string[] = [];
  readonly spawned: SpawnedSelf[] = [];
  /** What commands print, by the whole command line. One that is not here fails. */
  readonly outputs = new Map<string, string>();
  /** Which process listens on a port. */
  readonly listeners = new Map<number, number>();
  /** Plays the child: called right after it has been spawned. */
  onSpawn: (child: SpawnedSelf) => void = () => {};
  /** What the program prints when it is run again. */
  selfOutput: (args: readonly string[]) => string = () => "";
  readonly #running = new Map<number, FakeProcess>();
  readonly #handlers = new Map<SignalName, Set<() => void>>();
  #nextPid = 5000;

  constructor(pid = 4000) {
    this.pid = pid;
    this.run(pid);
  }

  /** Begins a process; one that has this pid already is replaced, as if the system had given the pid out again. */
  run(pid: number, over: Partial<FakeProcess> = {}): void {
    this.#running.set(pid, { identity: `run of ${pid}`, ignores: [], args: [], ageMs: undefined, ...over });
  }

  /** Begins a process about which the system does not tell more than that it is there. */
  runUntold(pid: number): void {
    this.#running.set(pid, { identity: undefined, ignores: [], args: [], ageMs: undefined });
  }

  end(pid: number): void {
    this.#running.delete(pid);
  }

  /** This process gets a signal. */
  receive(name: SignalName): void {
    const acts = this.#handlers.get(name);
    if (!acts?.size) throw new Error(`${name} would end the process`);
    for (const act of acts) act();
  }

  /** How many handlers of this process wait for signals. */
  get handlerCount(): number {
    return [...this.#handlers.values()].reduce((count, acts) => count + acts.size, 0);
  }

  spawnSelfDetached(args: readonly string[], env: Environment): number {
    const child = { pid: this.#nextPid++, args, env };
    this.spawned.push(child);
    this.run(child.pid);
    this.onSpawn(child);
    return child.pid;
  }

  runSelfDetached(args: readonly string[], env: Environment): Promise<string> {
    this.spawned.push({ pid: this.#nextPid++, args, env });
    return Promise.resolve(this.selfOutput(args));
  }

  spawnForeground(): ForegroundChild {
    throw new Error("not part of this fake");
  }

  outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
    return Promise.resolve(this.outputs.get([command, ...args].join(" ")));
  }

  isAlive(pid: number): boolean {
    return this.#running.has(pid);
  }

  identityOf(pid: number): Promise<string | undefined> {
    return Promise.resolve(this.#running.get(pid)?.identity);
  }

  /** The ages that the system tells. */
  readonly ages = new Map<number, number>();

  ageOf(pid: number): number | undefined {
    return this.ages.get(pid);
  }

  listenerOf(port: number): Promise<number | undefined> {
    return Promise.resolve(this.listeners.get(port));
  }

  processesWith(args: readonly string[]): Promise<readonly FoundProcess[]> {
    const running = [...this.#running].filter(([, process]) =>
      process.args.join(" ").endsWith(args.join(" "))
    );
    return Promise.resolve(
      args.length === 0
        ? []
        : running.filter(([, { args }]) => args.length > 0).map(([pid, { ageMs }]) => ({ pid, ageMs })),
    );
  }

  raiseDescriptorLimit(): Promise<void> {
    return Promise.resolve();
  }

  signal(pid: number, name: SignalName): boolean {
    this.sent.push(`${name} ${pid}`);
    const target = this.#running.get(pid);
    if (target && !target.ignores.includes(name)) this.end(pid);
    return target !== undefined;
  }

  /** What {@link getsKeySignals} says; at first as on a system that does not tell. */
  getsKeys: boolean | undefined;

  getsKeySignals(): boolean | undefined {
    return this.getsKeys;
  }

  onSignal(name: SignalName, act: () => void): () => void {
    const acts = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, acts.add(act));
    return () => void acts.delete(act);
  }
}
