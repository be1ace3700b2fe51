// A router in front of an upstream. It can forget its connections: what is sent on them is then swallowed without a
// sign, neither answered nor reset, as after a sleep or another network. New connections work.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export class BlackHole implements AsyncDisposable {
  /** Connections so far. */
  connectionCount = 0;
  readonly #upstreamPort: number;
  readonly #open = new Set<Socket>();
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket));

  private constructor(upstreamPort: number) {
    this.#upstreamPort = upstreamPort;
  }

  static async before(upstreamPort: number): Promise<BlackHole> {
    const hole = new BlackHole(upstreamPort);
    await new Promise<void>((resolve) => hole.#server.listen(0, "127.0.0.1", resolve));
    return hole;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Forgets the connections that are open now. */
  forget(): void {
    for (const socket of this.#open) socket.emit("forgotten");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    return Promise.resolve();
  }

  #accept(client: Socket): void {
    this.connectionCount++;
    const upstream = connect({ port: this.#upstreamPort, host: "127.0.0.1", noDelay: true });
    this.#open.add(client);
    client.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => client.write(data));
    client.on("close", () => (this.#open.delete(client), upstream.destroy()));
    upstream.on("close", () => client.destroy());
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.once("forgotten", () => {
      for (const socket of [client, upstream]) socket.removeAllListeners("data").removeAllListeners("close");
      // Read on, or the sender would notice that nobody does.
      client.on("data", () => {});
      client.on("close", () => this.#open.delete(client));
      upstream.destroy();
    });
  }
}
