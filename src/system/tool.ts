/**
 * Runs another program to its end, with a deadline. Secrets go to it through its standard input: arguments and the
 * environment of a process can be read by other programs.
 * @module
 */

import { systemClock, withDeadline } from "./clock.ts";

/** How a program ended. */
export type ToolEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program, or it may not be run. */
  | { readonly kind: "not_found" }
  /** It was ended, because it had not ended by itself. */
  | { readonly kind: "timeout" };

/** What a program gets. */
export interface ToolInput {
  /** Its standard input. */
  readonly stdin: string;
  /** It is ended after this time. */
  readonly timeoutMs: number;
}

/** Runs a program with these arguments. Never rejects. */
export type RunTool = (command: string, args: readonly string[], input: ToolInput) => Promise<ToolEnd>;

/** Runs a real program. */
export const runTool: RunTool = async (command, args, { stdin, timeoutMs }) => {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch {
    return { kind: "not_found" };
  }
  try {
    // A program that it has started may keep its pipes open, so its end is not waited for.
    return await withDeadline(systemClock, timeoutMs, () => endOf(child, stdin)) ?? { kind: "timeout" };
  } finally {
    endNow(child);
  }
};

async function endOf(child: Deno.ChildProcess, stdin: string): Promise<ToolEnd> {
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), write(child, stdin)]);
  const decoder = new TextDecoder();
  return { kind: "exited", code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

// A program that does not read its input closes the pipe.
async function write({ stdin }: Deno.ChildProcess, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (text !== "") await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // Its exit code says what came of it.
  }
}

function endNow(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
    child.unref();
  } catch {
    // It has ended.
  }
}
