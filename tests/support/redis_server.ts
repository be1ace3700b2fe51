// A real Redis server on loopback, for tests that need one. Where there is no redis-server, they say so and are skipped.

import { closeQuietly } from "../../src/system/wire.ts";
import type { RedisAddress } from "../../src/system/redis.ts";
import { until } from "./program.ts";
import { unusedPort } from "./unused_port.ts";

/** What `AUTH` asks for. */
export const PASSWORD = "engine-password";

/** A server that keeps nothing on a disk. */
export class RedisServer implements AsyncDisposable {
  readonly port = unusedPort();
  readonly #host: string;
  readonly #folder = Deno.makeTempDirSync({ prefix: "cdx2-redis-" });
  #process: Deno.ChildProcess | undefined;

  /** It will listen on this address. */
  constructor(host = "127.0.0.1") {
    this.#host = host;
  }

  /** What `CLIPROXY_SHARED` has to say. */
  get url(): string {
    return `redis://:${PASSWORD}@${this.#host}:${this.port}`;
  }

  /** The same, taken apart. */
  get address(): RedisAddress {
    const place = { hostname: this.#host, port: this.port, isTls: false, caCerts: undefined };
    return { ...place, username: undefined, password: PASSWORD, database: 0 };
  }

  /** Of its process; `undefined` while it is not running. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it, empty. */
  async start(): Promise<void> {
    const args = ["--port", String(this.port), "--bind", this.#host, "--save", "", "--appendonly", "no"];
    this.#process = new Deno.Command("redis-server", {
      args: [...args, "--requirepass", PASSWORD, "--dir", this.#folder],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const isThere = async () => (await this.cli("PING").catch(() => "")).includes("PONG");
    await until("the redis-server answers", isThere);
  }

  /** Sends it a signal; resolves once it has ended for those that end it. */
  async signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void> {
    this.#process?.kill(name);
    if (name !== "SIGKILL") return;
    await this.#process?.status;
    this.#process = undefined;
  }

  /** What it answers to one command, as it goes over the wire. */
  async cli(...words: readonly string[]): Promise<string> {
    const connection = await Deno.connect({ hostname: this.#host, port: this.port });
    try {
      const lines = [["AUTH", PASSWORD], [...words], ["QUIT"]].map((command) => command.join(" ") + "\r\n");
      await connection.write(new TextEncoder().encode(lines.join("")));
      return await new Response(connection.readable).text();
    } finally {
      // Reading it to its end has closed it.
      closeQuietly(connection);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process) await this.signal("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }
}
