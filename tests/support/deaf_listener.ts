// An address on which connections neither open nor are refused, as behind a firewall that drops packets. Linux only.

/** Takes no connection more on this port, and refuses none, until it is disposed of. */
export async function deafListener(hostname: string, port: number): Promise<Disposable> {
  const listener = Deno.listen({ hostname, port, tcpBacklog: 0 });
  const filler = await Deno.connect({ hostname, port });
  return {
    [Symbol.dispose]() {
      filler.close();
      listener.close();
    },
  };
}
