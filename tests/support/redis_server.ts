// A real Redis server on loopback, for tests that need one. Where there is no redis-server, they say so and are skipped.

import { closeQuietly } from "../../src/system/connect.ts";
import { freePort } from "../../src/system/http.ts";
import { until } from "./program.ts";

const PASSWORD = "engine-password";

/** A server that keeps nothing on a disk. */
export class RedisServer implements AsyncDisposable {
  readonly port = freePort("127.0.0.1");
  readonly #folder = Deno.makeTempDirSync({ prefix: "cdx2-redis-" });
  #process: Deno.ChildProcess | undefined;

  /** What `CLIPROXY_SHARED` has to say. */
  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  /** Starts it, empty. */
  async start(): Promise<void> {
    const args = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
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
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
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
