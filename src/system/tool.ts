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
  /**
   * For a command of the user's, which may start others: all of its environment. It runs in a session of its own, in which
   * all end when it is late, and what it prints is discarded. Without this, it has the environment of this process.
   */
  readonly aloneWith?: Readonly<Record<string, string>>;
}

/** Runs a program with these arguments. Never rejects. */
export type RunTool = (command: string, args: readonly string[], input: ToolInput) => Promise<ToolEnd>;

/** Runs a real program. */
export const runTool: RunTool = async (command, args, input) => {
  const child = started(command, args, input.aloneWith);
  if (child === undefined) return { kind: "not_found" };
  const isAlone = input.aloneWith !== undefined;
  // A program that it has started may keep its pipes open, so its end is not waited for.
  const end = await withDeadline(systemClock, input.timeoutMs, () => endOf(child, input.stdin, isAlone));
  if (end !== undefined) return end;
  endNow(child, isAlone);
  if (isAlone) await child.status;
  else child.unref();
  return { kind: "timeout" };
};

function started(
  command: string,
  args: readonly string[],
  aloneWith: ToolInput["aloneWith"],
): Deno.ChildProcess | undefined {
  const out = aloneWith === undefined ? "piped" : "null";
  const alone = aloneWith === undefined ? {} : { env: aloneWith, clearEnv: true, detached: true };
  try {
    return new Deno.Command(command, { args: [...args], ...alone, stdin: "piped", stdout: out, stderr: out })
      .spawn();
  } catch {
    return undefined;
  }
}

async function endOf(child: Deno.ChildProcess, stdin: string, isAlone: boolean): Promise<ToolEnd> {
  const written = write(child, stdin);
  if (isAlone) {
    const { code } = await child.status;
    await written;
    return { kind: "exited", code, stdout: "", stderr: "" };
  }
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), written]);
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

/** With all that it has started when it is alone: as a session leader it has the number of its process group. */
function endNow(child: Deno.ChildProcess, isAlone: boolean): void {
  for (const pid of isAlone ? [-child.pid, child.pid] : [child.pid]) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended, or the system has no process groups.
    }
  }
}
