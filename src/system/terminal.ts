// The terminal, or whatever stands in its place: a pipe, a file, nothing.

export interface Terminal {
  /** Writes to standard output. A reader that has gone (`| head`) ends the program quietly. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
}

export const systemTerminal: Terminal = {
  out: (text) => write(Deno.stdout, text),
  err: (text) => write(Deno.stderr, text),
  outIsTerminal: Deno.stdout.isTerminal(),
  errIsTerminal: Deno.stderr.isTerminal(),
  inIsTerminal: Deno.stdin.isTerminal(),
};

// Synchronous, so that nothing said is lost when the program exits right after it.
function write(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
