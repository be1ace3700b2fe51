/**
 * Connects to a name that has several addresses, as RFC 8305 §5 says: the next address is tried after 250 ms or when one
 * fails, and the first connection wins. Deno 2.9 does so by itself, 2.6 tries only the first address. A permission for a
 * name does not hold for its addresses: only sockets of `node:net` carry it over, and in 2.6 they hold a connection of Deno.
 * @module
 */

import type { Clock } from "./clock.ts";
import { type Lookup, type NamedPort, systemNames } from "./name_lookup.ts";

/** Tries one way to connect. It may end once `isLost` aborts; a connection that comes later is closed. */
type Try<C> = (isLost: AbortSignal) => Promise<C>;

/** What {@link firstConnection} tries. */
export interface Tries<C> {
  /** Is tried first, and its error is the one that counts. */
  readonly first: Try<C>;
  /** Finds what else can be tried; called only when the first one fails or takes longer than others do. */
  readonly others: () => Promise<readonly Try<C>[]>;
}

// RFC 8305 §8: the recommended Connection Attempt Delay.
const NEXT_AFTER_MS = 250;

/** The first connection of several tries. Rejects as the first try does when all fail, or once `signal` aborts. */
export async function firstConnection<C extends { close(): void }>(
  { first, others }: Tries<C>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<C> {
  const winner = Promise.withResolvers<C>();
  const over = new AbortController();
  const lose = () => (over.abort(), winner.reject(signal.reason));
  signal.addEventListener("abort", lose);
  const begin = async (act: Try<C>) => {
    const connection = await act(over.signal);
    if (over.signal.aborted) return connection.close();
    over.abort();
    winner.resolve(connection);
  };
  const tryInTurn = async () => {
    const begun = [begin(first)];
    const untilNext = () =>
      Promise.race([begun.at(-1)!.catch(() => {}), clock.sleep(NEXT_AFTER_MS, over.signal)]);
    await untilNext();
    for (const other of over.signal.aborted ? [] : await others().catch(() => [])) {
      if (over.signal.aborted) break;
      begun.push(begin(other));
      await untilNext();
    }
    const [failure] = await Promise.allSettled(begun);
    if (failure?.status === "rejected") winner.reject(failure.reason);
  };
  try {
    void tryInTurn();
    if (signal.aborted) lose();
    return await winner.promise;
  } finally {
    signal.removeEventListener("abort", lose);
  }
}

/** Opens a connection to the first address of a name that accepts one. */
export async function connectToAny(
  to: NamedPort,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Deno.TcpConn> {
  const first = async (isLost: AbortSignal) => {
    await systemNames.of(to);
    isLost.throwIfAborted();
    return await Deno.connect({ ...to, signal: isLost });
  };
  const others = async () => triesAllByItself() ? [] : triesOf(to, await systemNames.of(to));
  return await firstConnection({ first, others }, options);
}

function triesAllByItself(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > 2 || minor >= 9;
}

/** The addresses one by one; none for a single one, which has been tried. */
function triesOf(to: NamedPort, addresses: readonly string[]): readonly Try<Deno.TcpConn>[] {
  return addresses.length < 2 ? [] : addresses.map((address) => () => connectTo(address, to));
}

async function connectTo(address: string, { hostname, port }: NamedPort): Promise<Deno.TcpConn> {
  const [dns, net] = await Promise.all([import("node:dns"), import("node:net")]);
  const findIt: Lookup = (name, _options, found) =>
    (dns.lookup as Lookup)(name, { port, all: false }, (error, _first, _family, permission) => {
      found(error, address, net.isIP(address), permission);
    });
  return await new Promise((resolve, reject) => {
    const options = { host: hostname, port, autoSelectFamily: false, lookup: findIt as never };
    // Paused, it reads nothing of what is for us. It cannot be destroyed without a leak while it connects.
    const socket = net.connect(options).pause();
    socket.once("error", reject);
    socket.once("connect", () => {
      const connection = connectionIn(socket);
      if (connection) return resolve(connection);
      socket.destroy();
      reject(new Error("the runtime does not give the connection"));
    });
  });
}

/** Deno's connection in a socket of `node:net`, which reaches it in the same way. */
function connectionIn(socket: object): Deno.TcpConn | undefined {
  const handle = "_handle" in socket ? Object(socket._handle) : {};
  return Object.getOwnPropertySymbols(handle).map((symbol) => handle[symbol])
    .find((value) => value?.constructor?.name === "TcpConn");
}
