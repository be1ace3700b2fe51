/**
 * Starts, asks and ends the programs of the benchmark.
 * @module
 */

const START_WAIT_MS = 10_000;

/** Starts a program that prints the ports that it listens on, and waits for them. */
export async function spawnAndReadPorts(
  command: string,
  args: readonly string[],
): Promise<{ readonly child: Deno.ChildProcess; readonly ports: readonly number[] }> {
  const child = spawn(command, args);
  const { value = "" } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  return { child, ports: value.trim().split(" ").map(Number) };
}

/** The same for a script in this folder. */
export async function spawnScript(
  name: string,
  ...args: readonly string[]
): ReturnType<typeof spawnAndReadPorts> {
  const script = new URL(name, import.meta.url).pathname;
  return await spawnAndReadPorts(Deno.execPath(), ["run", "-A", "--quiet", script, ...args]);
}

/**
 * Starts a program; its stdout can be read. It has a session of its own, as the proxy in the background has: Linux gives
 * each session its share of the processor, and how often a program runs decides how much it does each time.
 */
export function spawn(command: string, args: readonly string[]): Deno.ChildProcess {
  const options = { stdin: "null", stdout: "piped", stderr: "null", detached: true } as const;
  return new Deno.Command(command, { args: [...args], ...options }).spawn();
}

/** Ends a program and waits for its end. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await child.status;
}

/**
 * What a program prints on stdout, else on stderr: nginx prints its version there. `undefined` when it fails, or is not
 * installed.
 */
export async function outputOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  try {
    const options: Deno.CommandOptions = { args: [...args], env: { ...env }, stdin: "null" };
    const { success, stdout, stderr } = await new Deno.Command(command, options).output();
    const decoder = new TextDecoder();
    return success ? decoder.decode(stdout) || decoder.decode(stderr) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Waits until somebody listens on this port of loopback. @throws the error of the last attempt to connect, after 10 s */
export async function untilListening(port: number): Promise<void> {
  const deadlineMs = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
