/**
 * A terminal taken over for a live view: alternate screen, no cursor, keys as they are pressed. It restores the terminal
 * in any case, also when the program fails unexpectedly.
 * @module
 */

import { systemClock } from "./clock.ts";
import { decodeKeys, type Key } from "./keys.ts";
import { systemTerminal, type TerminalSize } from "./terminal.ts";

/** An open full-screen view. */
export interface Screen {
  /** In cells, at this moment; 80×24 when the terminal does not say. */
  readonly size: TerminalSize;
  write(text: string): void;
  /** To be iterated once. It ends when the terminal has been closed. */
  readonly keys: AsyncIterable<Key>;
  onResize(act: () => void): void;
  /** Restores the terminal; a second call does nothing. */
  close(): void;
}

/** Takes the terminal over. */
export type OpenScreen = () => Screen;

const USUAL_SIZE: TerminalSize = { columns: 80, rows: 24 };
const READ_BYTES = 4096;
// Long enough for the rest of a sequence over a slow line, too short for the user to notice.
const ESCAPE_WAIT_MS = 50;

// Alternate screen, hidden cursor, no wrapping at the right edge; then the reverse, with colours off.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
// Some terminals, tmux among them, keep parts of the alternate screen after a resize, so it is cleared first.
const LEAVE = "\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l";

/** The real one. Standard input and output have to be terminals. */
export const openScreen: OpenScreen = () => {
  const undo: (() => void)[] = [];
  const close = () => {
    for (const act of undo.splice(0)) act();
  };
  Deno.stdin.setRaw(true);
  undo.push(() => attempt(() => Deno.stdin.setRaw(false)));
  systemTerminal.out(ENTER);
  undo.push(() => attempt(() => systemTerminal.out(LEAVE)));
  for (const name of ["error", "unhandledrejection", "unload"]) {
    addEventListener(name, close);
    undo.push(() => removeEventListener(name, close));
  }
  return {
    get size() {
      return systemTerminal.outSize ?? USUAL_SIZE;
    },
    write: systemTerminal.out,
    keys: readKeys(),
    onResize(act) {
      if (Deno.build.os === "windows") return;
      Deno.addSignalListener("SIGWINCH", act);
      undo.push(() => Deno.removeSignalListener("SIGWINCH", act));
    },
    close,
  };
};

// A terminal that has been closed cannot be restored.
function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The next step may still succeed.
  }
}

async function* readKeys(): AsyncGenerator<Key> {
  const decoder = new TextDecoder();
  let pending = "";
  let reading = readSome();
  for (;;) {
    const bytes = await (pending === "" ? reading : Promise.race([reading, escapeWait()]));
    if (bytes === undefined) return;
    if (bytes !== "late") reading = readSome();
    const text = bytes === "late" ? "" : decoder.decode(bytes, { stream: true });
    const { keys, rest } = decodeKeys(pending + text, bytes === "late");
    pending = rest;
    yield* keys;
  }
}

async function readSome(): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(READ_BYTES);
  // Reading fails after the terminal has hung up.
  const count = await Deno.stdin.read(bytes).catch(() => null);
  return count === null ? undefined : bytes.subarray(0, count);
}

async function escapeWait(): Promise<"late"> {
  await systemClock.sleep(ESCAPE_WAIT_MS);
  return "late";
}
