/**
 * Listens on a port of this machine, and says why that cannot be.
 * @module
 */

/** Why listening failed. */
export type ListenFailure = "address_in_use" | "address_not_available" | "denied" | "other";

/** A server that cannot listen. */
export class ListenError extends Error {
  /** For messages. */
  override readonly name = "ListenError";
  /** `message` is what the system says. */
  constructor(readonly reason: ListenFailure, message: string) {
    super(message);
  }
}

/** A port of `hostname` that nobody listens on at this moment. @throws {@link ListenError} */
export function freePort(hostname: string): number {
  const listener = listening({ hostname, port: 0 });
  listener.close();
  return listener.addr.port;
}

/** Where to listen. */
export interface Place {
  /** A name or an address of this machine. */
  readonly hostname: string;
  /** 0: the system picks one. */
  readonly port: number;
}

/** Begins to listen. @throws {@link ListenError} */
export function listening({ hostname, port }: Place): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    throw toListenError(error);
  }
}

function toListenError(error: unknown): ListenError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.AddrInUse) return new ListenError("address_in_use", message);
  if (error instanceof Deno.errors.AddrNotAvailable) return new ListenError("address_not_available", message);
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new ListenError("denied", message);
  }
  return new ListenError("other", message);
}
