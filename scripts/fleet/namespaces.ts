/**
 * Machines that are none: network namespaces of Linux, each with a cable to the engine and one to the upstream, which can be
 * pulled without anybody being told. Needs root, `ip` and `nft`.
 * @module
 */

import { outputOf } from "../bench/programs.ts";

/** Where the engine listens for all machines. */
export const ENGINE_HOST = "10.77.0.1";
/** Where the upstream does. */
export const UPSTREAM_HOST = "10.78.0.1";

const LINKS = { engine: "10.77.0", upstream: "10.78.0" };

/** The namespace in which the cables meet. The caller has to be in it to listen on the addresses above. */
export class Hub implements AsyncDisposable {
  readonly #machines: string[] = [];

  private constructor(readonly name: string) {}

  /** `undefined` where namespaces are not permitted. */
  static async make(name: string): Promise<Hub | undefined> {
    if (await outputOf("ip", ["netns", "add", name]) === undefined) return undefined;
    const hub = new Hub(name);
    await hub.#ip("link", "set", "lo", "up");
    for (const [link, net] of Object.entries(LINKS)) {
      await hub.#ip("link", "add", link, "type", "bridge");
      await hub.#ip("addr", "add", `${net}.1/24`, "dev", link);
      await hub.#ip("link", "set", link, "up");
    }
    return hub;
  }

  /** Adds the machine of this number, counted from 1. */
  async add(number: number): Promise<void> {
    const { name } = new Machine(this.name, number);
    await run("ip", "netns", "add", name);
    this.#machines.push(name);
    await run("ip", "-n", name, "link", "set", "lo", "up");
    for (const [link, net] of Object.entries(LINKS)) {
      const socket = `${link}${number}`;
      await this.#ip("link", "add", socket, "type", "veth", "peer", "name", link, "netns", name);
      await this.#ip("link", "set", socket, "master", link, "up");
      await run("ip", "-n", name, "addr", "add", `${net}.${number + 1}/24`, "dev", link);
      await run("ip", "-n", name, "link", "set", link, "up");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#machines, this.name]) await run("ip", "netns", "del", name);
  }

  async #ip(...args: readonly string[]): Promise<void> {
    await run("ip", "-n", this.name, ...args);
  }
}

/** A machine. */
export class Machine {
  /** Of its namespace. */
  readonly name: string;
  readonly #hub: string;
  readonly #socket: string;

  /** The one that {@link Hub.add} made. */
  constructor(hub: string, number: number) {
    this.name = `${hub}-${number}`;
    this.#hub = hub;
    this.#socket = `engine${number}`;
  }

  /** The command line that runs another one on this machine. */
  commandLine(...words: readonly string[]): readonly [string, ...string[]] {
    return ["ip", "netns", "exec", this.name, ...words];
  }

  /** Pulls the cable to the engine out of its socket: at both ends, nothing is to be seen of that. */
  async pull(): Promise<void> {
    await run("ip", "-n", this.#hub, "link", "set", this.#socket, "nomaster");
  }

  /** Puts it in again. */
  async plug(): Promise<void> {
    await run("ip", "-n", this.#hub, "link", "set", this.#socket, "master", "engine");
  }

  /** From now on packets to the engine, or from it, are lost without a word. */
  async lose(which: "output" | "input"): Promise<void> {
    const rules = `table inet lossy { chain ${which} { type filter hook ${which} priority 0; ` +
      `ip ${which === "output" ? "daddr" : "saddr"} ${ENGINE_HOST} drop; }; }`;
    await run(...this.commandLine("nft", rules));
  }

  /** Ends that. */
  async loseNothing(): Promise<void> {
    await run(...this.commandLine("nft", "delete table inet lossy"));
  }
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  if (await outputOf(command, args) === undefined) throw new Error(`${command} ${args.join(" ")} failed`);
}
