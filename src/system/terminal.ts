/**
 * Standard input, output and error: a terminal, a pipe, a file, or nothing.
 * @module
 */

import { osReason } from "../values/os_reason.ts";
import { decodeKeys } from "./keys.ts";
import { exitProcess } from "./own_run.ts";
import { onEndingSignal, signalExitCode, systemProcesses } from "./process.ts";

/** The standard streams, as a port. */
export interface Terminal {
  /** Writes to standard output. When its reader has closed it (`| head`), the program ends quietly. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** In cells, at this moment; `undefined` when standard output is not a terminal, or one that does not say. */
  readonly outSize: TerminalSize | undefined;
  /** Standard input to its end. Reading stops as soon as `maxBytes` or more have come. */
  readIn(maxBytes: number): Promise<string>;
  /** Asks on standard error and reads one line from the terminal; `undefined` when the input ends instead. */
  ask(question: string): Promise<string | undefined>;
  /** The same, without showing what the user types; empty when the input ends. Ctrl-C ends the program, as signals do. */
  askHidden(question: string): Promise<string>;
}

/** In cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The real streams. */
export const systemTerminal: Terminal = {
  out: (text) => write(Deno.stdout, text),
  err: (text) => write(Deno.stderr, text),
  outIsTerminal: Deno.stdout.isTerminal(),
  errIsTerminal: Deno.stderr.isTerminal(),
  inIsTerminal: Deno.stdin.isTerminal(),
  get outSize() {
    return Deno.stdout.isTerminal() ? consoleSize() : undefined;
  },
  readIn: async (maxBytes) => {
    const decoder = new TextDecoder();
    let text = "";
    for (let leftBytes = maxBytes; leftBytes > 0;) {
      const bytes = await readSome();
      if (bytes === undefined) break;
      text += decoder.decode(bytes, { stream: true });
      leftBytes -= bytes.length;
    }
    return text;
  },
  // A terminal in line mode delivers whole lines.
  ask: async (question) => {
    write(Deno.stderr, question);
    const line = await readSome();
    return line && new TextDecoder().decode(line).trimEnd();
  },
  askHidden: async (question) => {
    const forget = onEndingSignal(systemProcesses, endWith);
    // Before the question: a key that is pasted as soon as the question appears must not be shown.
    Deno.stdin.setRaw(true);
    try {
      write(Deno.stderr, question);
      return await readHiddenLine();
    } finally {
      showTyped();
      forget();
    }
  },
};

const READ_BYTES = 64 * 1024;

async function readSome(): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(READ_BYTES);
  const count = await Deno.stdin.read(bytes);
  return count === null ? undefined : bytes.subarray(0, count);
}

async function readHiddenLine(): Promise<string> {
  let line = "";
  for (let bytes = await readSome(); bytes !== undefined; bytes = await readSome()) {
    for (const key of decodeKeys(new TextDecoder().decode(bytes), true).keys) {
      if (key.kind === "enter") return line;
      // In raw mode the terminal sends no signal for it.
      if (key.kind === "ctrl_c") endWith(signalExitCode("SIGINT"));
      if (key.kind === "backspace") line = line.slice(0, -1);
      if (key.kind === "ctrl_u") line = "";
      if (key.kind === "char") line += key.char;
    }
  }
  return line;
}

function showTyped(): void {
  Deno.stdin.setRaw(false);
  write(Deno.stderr, "\n");
}

function endWith(exitCode: number): never {
  try {
    showTyped();
  } catch {
    // A terminal that has been closed shows nothing.
  }
  exitProcess(exitCode);
}

// Some terminals, such as serial lines, report 0 columns.
function consoleSize(): TerminalSize | undefined {
  const { columns, rows } = Deno.consoleSize();
  return columns > 0 && rows > 0 ? { columns, rows } : undefined;
}

/** What a program prints cannot be written, as when standard output is a file on a full disk. */
export class OutputError extends Error {
  /** For messages. */
  override readonly name = "OutputError";
}

// Synchronous, so that nothing is lost when the program exits right after it.
function write(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw new OutputError(osReason(error instanceof Error ? error.message : String(error)));
  }
}
