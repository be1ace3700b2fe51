// A port for a program that has to be told one, or for an address where nobody is to answer.

// Below those that a system gives to a program that asks for any port (Linux from 32,768, others from 49,152): what
// is started at the same moment cannot be given this one before the program of the test has it.
const FIRST = 20_000;
const COUNT = 12_000;

/** A port of `hostname` that nobody listens on, and that no system hands out by itself. */
export function unusedPort(hostname = "127.0.0.1"): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (canListen(hostname, port)) return port;
  }
}

function canListen(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
