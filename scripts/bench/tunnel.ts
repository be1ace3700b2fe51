/**
 * A tunnel in a process of its own: passes bytes between a client and the port that its argument names, and looks at
 * none of them. What a relay in Deno costs at the least. It prints its port.
 * @module
 */

// deno-lint-ignore-file no-console -- the port is its answer
const port = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const client of listener) {
  Deno.connect({ hostname: "127.0.0.1", port }).then(async (upstream) => {
    client.setNoDelay();
    upstream.setNoDelay();
    await Promise.all([pass(client, upstream), pass(upstream, client)]);
  }).catch(() => {});
}

async function pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let written = 0; written < count;) written += await to.write(buffer.subarray(written, count));
    }
  } catch {
    // One side has ended.
  }
  for (const connection of [from, to]) {
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  }
}
