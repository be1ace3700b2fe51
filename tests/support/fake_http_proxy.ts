// An HTTP proxy as companies have them: it opens tunnels (CONNECT), and passes on requests that name a whole URL. What
// it was asked for can be read, and what it answers instead can be set.

import { closeQuietly } from "../../src/system/wire.ts";

export class FakeHttpProxy implements AsyncDisposable {
  /** The heads of all requests, each with its lines. */
  readonly heads: string[][] = [];
  /** Sent in the place of a tunnel. `silence`: nothing is. */
  answer: string | undefined;
  /** Where it connects to for these names. */
  readonly hosts: Record<string, string> = {};
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();

  constructor() {
    void this.#accept();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) closeQuietly(connection);
    return Promise.resolve();
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#open.add(connection);
        this.#serve(connection).catch(() => {}).finally(() => closeQuietly(connection));
      }
    } catch {
      // It was closed.
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const count = await client.read(buffer) ?? 0;
    const text = new TextDecoder().decode(buffer.subarray(0, count));
    this.heads.push(text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n"));
    const [, method, target = ""] = /^(\S+) (\S+)/.exec(text) ?? [];
    if (this.answer !== undefined) return void await client.write(new TextEncoder().encode(this.answer));
    const url = new URL(method === "CONNECT" ? `http://${target}` : target);
    const authority = `${url.hostname}:${url.port || 80}`;
    const { hostname, port } = new URL(`http://${this.hosts[authority] ?? authority}`);
    const upstream = await Deno.connect({ hostname, port: Number(port || 80) });
    this.#open.add(upstream);
    if (method === "CONNECT") await client.write(new TextEncoder().encode("HTTP/1.1 200 Connected\r\n\r\n"));
    else await upstream.write(buffer.subarray(0, count));
    await Promise.all([pass(client, upstream), pass(upstream, client)]);
  }
}

async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  await from.readable.pipeTo(to.writable).catch(() => {});
}
