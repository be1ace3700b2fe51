/**
 * Looks up the addresses of names, each name once at a time. The runtime looks up in threads that it also needs for files, 32 of
 * them, and each is taken for 10 s and more while a name server does not answer, also after those who asked have left.
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { SendError } from "./http.ts";

/** A name and a port. */
export interface NamedPort {
  /** May also be an IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** The sandbox permits a name with a port. */
  readonly port: number;
}

/**
 * Like `lookup` of `node:dns`, with what its types do not say: Deno takes a port, and hands over which permission the
 * addresses come with.
 */
export type Lookup = (
  hostname: string,
  options: { readonly port: number; readonly all: boolean },
  found: (error: Error | null, addresses: unknown, family?: number, permission?: object) => void,
) => void;

/** A name gives no address: no other client would find one. */
export class UnresolvedName extends SendError {
  /** `reason` is a few words. */
  constructor(reason: string) {
    super("not_sent", reason);
  }
}

// A new connection in a burst needs no look-up of its own, and a name server that falls silent is noticed soon.
const KEPT_MS = 2_000;

/** Finds the addresses of names. */
export class NameLookups {
  readonly #find: (name: NamedPort) => Promise<readonly string[]>;
  readonly #clock: Pick<Clock, "after">;
  readonly #asked = new Map<string, Promise<readonly string[]>>();
  readonly #pending = new Set<string>();

  /** `find` looks up one name. */
  constructor(
    find: (name: NamedPort) => Promise<readonly string[]>,
    clock: Pick<Clock, "after">,
  ) {
    this.#find = find;
    this.#clock = clock;
  }

  /** All addresses, those of the last 2 s included. @throws {@link UnresolvedName} */
  of(name: NamedPort): Promise<readonly string[]> {
    const id = idOf(name);
    return this.#asked.getOrInsertComputed(id, () => this.#look(id, name));
  }

  /** Whether a look-up of this name runs. */
  isPending(name: NamedPort): boolean {
    return this.#pending.has(idOf(name));
  }

  async #look(id: string, name: NamedPort): Promise<readonly string[]> {
    this.#pending.add(id);
    const forget = () => void this.#asked.delete(id);
    try {
      const addresses = await this.#find(name);
      this.#clock.after(KEPT_MS, forget);
      return addresses;
    } catch (error) {
      forget();
      throw error;
    } finally {
      this.#pending.delete(id);
    }
  }
}

function idOf({ hostname, port }: NamedPort): string {
  return `${hostname} ${port}`;
}

/** The names that the system knows. */
export const systemNames = new NameLookups(async ({ hostname, port }) => {
  const { lookup } = await import("node:dns");
  return await new Promise((resolve, reject) => {
    (lookup as Lookup)(hostname, { port, all: true }, (error, found) => {
      // The permission is missing: what opens the connection says so.
      if (error?.message.includes("EPERM")) resolve([]);
      else if (error) reject(new UnresolvedName("its name cannot be resolved"));
      else resolve((found as { readonly address: string }[]).map(({ address }) => address));
    });
  });
}, systemClock);
