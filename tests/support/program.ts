// The real program, run as a user runs it: as a separate process, in a home folder made for the test, with a clean
// environment. The compiled binary when CDX2_BIN names one, else main.ts with this Deno.

import { fileURLToPath } from "node:url";
import { runtimePaths } from "../../src/config/paths.ts";
import { readHolder } from "../../src/runtime/process_record.ts";
import { systemClock, withDeadline } from "../../src/system/clock.ts";

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is started. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Of a run in a home: added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default {@link DEADLINE_MS}. The program is killed when it takes longer, and the run rejects. */
  readonly deadlineMs?: number;
  /** Its standard input; default: nothing. */
  readonly input?: string;
}

/** Long enough for a machine with much else to do: a test that waits in vain fails later, no other one is slower. */
export const DEADLINE_MS = 60_000;
const POLL_MS = 20;
/** Nobody listens there: a test that renews tokens starts an issuer of its own. */
const NO_ISSUER = "http://127.0.0.1:9";
/** Windows opens no socket in a process without `SystemRoot`. */
const SYSTEM_VARIABLES = ["SystemRoot", "TEMP"];
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** A home folder with an auth dir. Disposing of it ends the service that was started from it. */
export class Home implements AsyncDisposable {
  readonly authDir: string;
  /** What every run gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly #running = new Set<RunningProgram>();
  readonly #services = new Set<Deno.ChildProcess>();

  private constructor(readonly folder: string, env: Readonly<Record<string, string>>) {
    this.authDir = `${folder}/keys`;
    const system = SYSTEM_VARIABLES.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value);
    const own = {
      HOME: folder,
      CLIPROXY_AUTH_DIR: this.authDir,
      CLIPROXY_ISSUER: NO_ISSUER,
      PATH: Deno.env.get("PATH") ?? "",
    };
    this.env = { ...Object.fromEntries(system), ...own, ...env };
  }

  /** `env` is added to the environment of every run. */
  static async make(env: Readonly<Record<string, string>> = {}): Promise<Home> {
    const home = new Home(await Deno.makeTempDir({ prefix: "cdx2-test-" }), env);
    await Deno.mkdir(home.authDir, { mode: 0o700 });
    return home;
  }

  /** Puts a key into the auth dir. */
  async addKey(file: string, token: string): Promise<void> {
    await Deno.writeTextFile(`${this.authDir}/${file}`, JSON.stringify({ tokens: { access_token: token } }));
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return await this.start(args, options).finished;
  }

  /** The parts of a run, for tests that start it in another way. */
  commandLine(args: readonly string[]): CommandLine {
    const { command, leading, env } = program();
    return { command, args: [...leading, ...args], env: { ...env, ...this.env } };
  }

  /** Runs the program in the background of the test. */
  start(args: readonly string[], options: RunOptions = {}): RunningProgram {
    const line = this.commandLine(args);
    const env = { ...line.env, ...options.env };
    const running = new RunningProgram(line.command, line.args, { ...options, env });
    this.#running.add(running);
    return running;
  }

  /** Starts the process that `proxy` starts in the background, without the command before it. */
  startService(): Deno.ChildProcess {
    const { command, args, env } = this.commandLine(["run-server", "--auth-dir", this.authDir]);
    const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const service = new Deno.Command(command, { args: [...args], env, clearEnv: true, ...stdio }).spawn();
    this.#services.add(service);
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.kill();
    for (const service of this.#services) kill(service);
    await Promise.all([...this.#services].map((service) => service.status));
    await this.#killService();
    // A process that renews a key outlives the service, and writes here once more.
    await until("the home is removed", () => {
      return Deno.remove(this.folder, { recursive: true }).then(() => true, () => false);
    });
  }

  /** The service that a command has started. Not with `stop`, which takes as long as a test. */
  async #killService(): Promise<void> {
    const holder = await Deno.readTextFile(runtimePaths(this.authDir).lockFile).then(
      readHolder,
      () => undefined,
    );
    if (holder === undefined || [...this.#services].some(({ pid }) => pid === holder.pid)) return;
    if ((await commandLineOf(holder.pid)).includes(this.authDir)) Deno.kill(holder.pid, "SIGKILL");
  }
}

/** One run of a program; its output so far can be read while it runs. */
export class RunningProgram {
  stdout = "";
  stderr = "";
  /** Rejects when the deadline passes. */
  readonly finished: Promise<Finished>;
  readonly #child: Deno.ChildProcess;

  /** With no other environment than `env`. */
  constructor(
    command: string,
    args: readonly string[],
    { env = {}, input = "", deadlineMs = DEADLINE_MS }: RunOptions,
  ) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      env,
      clearEnv: true,
      stdin: input === "" ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // A program that ends before it has read everything does not fail the test.
    if (input !== "") new Blob([input]).stream().pipeTo(this.#child.stdin).catch(() => {});
    this.finished = this.#finish([command, ...args], deadlineMs);
    // A test that does not wait for the end must not fail because of it.
    this.finished.catch(() => {});
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Does nothing when it has ended. */
  kill(): void {
    kill(this.#child);
  }

  async #finish(line: readonly string[], deadlineMs: number): Promise<Finished> {
    // The output ends later than the program where one that it has started writes to it as well.
    const end = Promise.all([
      this.#child.status,
      collect(this.#child.stdout, (text) => this.stdout += text),
      collect(this.#child.stderr, (text) => this.stderr += text),
    ]);
    const [{ code }] = await within(deadlineMs, end, () => {
      this.kill();
      return `${line.join(" ")} took over ${deadlineMs} ms\n${this.stdout}${this.stderr}`;
    });
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}

/** The values in output of one JSON value per line. */
// deno-lint-ignore no-explicit-any -- pages have schemas of their own; here a few fields are read
export function jsonLines(text: string): any[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/**
 * Waits until `isTrue`, checking every 20 ms. @throws when it is not true within `deadlineMs`, also where it does not say
 */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  let isLate = false;
  const askOften = async () => {
    while (!isLate && !(await isTrue())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  };
  await within(deadlineMs, askOften(), () => {
    isLate = true;
    return `not within ${deadlineMs} ms: ${what}`;
  });
}

/** @throws {Error} with what `onLate` returns when nothing has become of the promise by then */
export async function within<T>(deadlineMs: number, promise: Promise<T>, onLate: () => string): Promise<T> {
  const done = await withDeadline(systemClock, deadlineMs, async () => ({ value: await promise }));
  if (!done) throw new Error(onLate());
  return done.value;
}

/** Waits until a program listens on this port of loopback. */
export async function untilListening(what: string, port: number): Promise<void> {
  await until(`${what} listens`, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    connection?.close();
    return connection !== undefined;
  });
}

function program(): { command: string; leading: readonly string[]; env: Record<string, string> } {
  const binary = Deno.env.get("CDX2_BIN");
  if (binary) return { command: binary, leading: [], env: {} };
  // The packages are in the cache of the user who runs the tests, not in the home made for a test.
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const env = { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" };
  return { command: Deno.execPath(), leading: ["run", "-A", "--quiet", MAIN], env };
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}

/** Does nothing when it has ended. */
function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

async function commandLineOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-p", String(pid), "-o", "args="] }).output();
  return new TextDecoder().decode(stdout);
}
