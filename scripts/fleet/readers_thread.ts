/**
 * Many members at once, as far as the engine can tell: each is subscribed to the feed and reads all of it, but does not
 * look at it. Real members on one machine would take its processors from the engine, which on theirs they do not.
 * @module
 */

/** How many to be, and where. */
export interface Readers {
  readonly port: number;
  readonly password: string;
  readonly channel: string;
  readonly count: number;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Readers | "report">) => void;
  postMessage(bytes: number): void;
};
let bytes = 0;

scope.onmessage = async ({ data }) => {
  if (data !== "report") {
    await Promise.all(Array.from({ length: data.count }, () => subscribe(data)));
  }
  scope.postMessage(bytes);
  bytes = 0;
};

/** Resolves once it is subscribed. */
async function subscribe({ port, password, channel }: Readers): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`AUTH ${password}\r\nSUBSCRIBE ${channel}\r\n`));
  let answer = "";
  const buffer = new Uint8Array(64 * 1024);
  while (!answer.includes(":1\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("the engine closed the connection");
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  void readOn(connection, buffer);
}

async function readOn(connection: Deno.TcpConn, buffer: Uint8Array<ArrayBuffer>): Promise<void> {
  // With the thread, the connection ends.
  for (;;) {
    const count = await connection.read(buffer);
    bytes += count ?? 0;
  }
}
