/**
 * Shows the proxy at work, without a real key and on this machine alone: an upstream that accepts two of four keys, a
 * client with four questions, and what happened to each. It takes a few seconds and leaves nothing behind.
 *
 *   deno task demo
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { stateWord } from "../src/auth/state_word.ts";
import { Columns } from "../src/screen/table.ts";
import { signalExitCode, systemProcesses } from "../src/system/process.ts";
import { happyEvents, json, sse } from "../tests/support/answers.ts";
import { latencyText, timeText } from "../src/values/durations.ts";
import { type FakeUpstream, startFakeUpstream } from "../tests/support/fake_upstream.ts";

/** The name of the file in the auth dir, and the token in it. The proxy uses them in this order. */
const KEYS = ["dead", "limited", "spare", "work"];

const QUESTIONS: readonly Question[] = [
  { what: "a question, before any key was tried", isStream: false, session: undefined },
  { what: "the first one of a session", isStream: true, session: "morning" },
  { what: "the next one of this session", isStream: true, session: "morning" },
  { what: "a question without a session", isStream: false, session: undefined },
];

const NEXT_STEPS = `Next, with your own keys:
  deno task compile            builds dist/cdx2; copy it to a folder in your PATH
  cdx2 auth login              adds an account as a key; repeat it for each one
  cdx2 codex exec "say hi"     starts the proxy if it is not running, then Codex through it`;

async function demo(interrupted: AbortSignal): Promise<void> {
  await using upstream = await startUpstream();
  await using home = await Home.make();
  interrupted.throwIfAborted();

  const url = await home.startProxy(upstream.url);
  console.log(`A proxy at ${url}, with ${KEYS.length} keys, in front of ${upstream.url}`);
  const answers: Answer[] = [];
  for (const question of QUESTIONS) {
    interrupted.throwIfAborted();
    answers.push(await ask(url, question));
  }
  const { events: attempts } = await home.askProxy(`${url}/trace`);
  const { accounts: keys } = await home.askProxy(`${url}/health`);

  printTable("What the client saw", answers.map(answerCells));
  printTable("What the proxy did for it", attempts.map(attemptCells));
  printTable("How the keys fare now", keys.map(keyCells));
  console.log(`\n${NEXT_STEPS}`);
}

// The part of ChatGPT's backend that the demo needs. It refuses two keys and says hello to all others.
async function startUpstream(): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream();
  upstream.reply({}, ({ token, body }) => {
    const words = `Hello from ${token}`;
    const { stream } = JSON.parse(new TextDecoder().decode(body));
    return stream ? sse(happyEvents(words)) : json(200, { output_text: words });
  });
  upstream.forToken("dead", json(401, { error: { code: "token_revoked" } }));
  upstream.forToken(
    "limited",
    json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } }),
  );
  return upstream;
}

/** What the client asks. */
interface Question {
  readonly what: string;
  /** Whether the client asks for a stream of events, as Codex does. */
  readonly isStream: boolean;
  readonly session: string | undefined;
}

/** What the client got. */
interface Answer {
  readonly question: Question;
  readonly status: number;
  /** The first words of the answer. */
  readonly words: string;
  readonly tookMs: number;
}

// A client knows only the proxy's address, and nothing about keys.
async function ask(url: string, question: Question): Promise<Answer> {
  const startedMs = performance.now();
  const response = await fetch(`${url}/v1/responses`, {
    method: "POST",
    headers: question.session ? { "session-id": question.session } : {},
    body: JSON.stringify({ model: "any", input: "Hello?", stream: question.isStream }),
  });
  const [, words = ""] = /"(?:delta|output_text)":"([^"]*)"/.exec(await response.text()) ?? [];
  return { question, status: response.status, words, tookMs: performance.now() - startedMs };
}

function answerCells({ question, status, words, tookMs }: Answer, index: number): string[] {
  const form = question.isStream ? "stream" : "JSON";
  return [String(index + 1), question.what, form, String(status), words, latencyText(tookMs)];
}

/** A row of `/trace`. */
interface Attempt {
  readonly ts: number;
  readonly request_id: string;
  readonly attempt: number;
  readonly auth_file: string;
  readonly status: number;
  readonly outcome: string;
  readonly error?: string;
}

function attemptCells({ ts, request_id, attempt, auth_file, status, outcome, error }: Attempt): string[] {
  const why = error ? `${outcome}: ${error}` : outcome;
  return [timeText(ts * 1000), request_id, `#${attempt}`, auth_file, String(status), why];
}

/** An account of `/health`. */
interface Key {
  readonly file: string;
  readonly status: string;
  readonly reason: string | null;
  readonly until: string | null;
}

function keyCells({ file, status, reason, until }: Key): string[] {
  return [file, stateWord(status), reason ?? "", until ? `until ${timeText(Date.parse(until))}` : ""];
}

function printTable(title: string, rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}:`);
  for (const line of new Columns().align(rows)) console.log(`  ${line}`);
}

const ROOT = new URL("..", import.meta.url);

/** A home folder for cdx2, so that the demo touches nothing in the user's own home. */
class Home implements AsyncDisposable {
  readonly #managementKey = crypto.randomUUID();

  private constructor(readonly folder: string, readonly denoDir: string) {}

  static async make(): Promise<Home> {
    // Downloads the packages with the settings of the user's own home, before it switches to another one.
    await deno(["cache", "--quiet", "main.ts", "src/runtime/worker.ts"]);
    const { denoDir } = JSON.parse(await deno(["info", "--json"]));
    const home = new Home(await Deno.makeTempDir({ prefix: "cdx2-demo-" }), denoDir);
    await Deno.mkdir(home.#authDir, { mode: 0o700 });
    for (const key of KEYS) {
      await Deno.writeTextFile(`${home.#authDir}/${key}.json`, JSON.stringify({ access_token: key }));
    }
    return home;
  }

  get #authDir(): string {
    return `${this.folder}/keys`;
  }

  /** Starts the proxy and returns its address. */
  async startProxy(upstreamUrl: string): Promise<string> {
    const { base_url } = JSON.parse(await this.#cdx2("proxy", "--json", "--upstream", upstreamUrl));
    return base_url;
  }

  /** Gets a management page. */
  async askProxy(url: string) {
    const response = await fetch(url, { headers: { "x-management-key": this.#managementKey } });
    return await response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cdx2("stop").finally(() => Deno.remove(this.folder, { recursive: true }));
  }

  #cdx2(command: string, ...options: string[]): Promise<string> {
    const args = ["run", "-A", "--quiet", "main.ts", command, "--auth-dir", this.#authDir, ...options];
    return deno(args, {
      HOME: this.folder,
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: this.denoDir,
      CLIPROXY_MANAGEMENT_KEY: this.#managementKey,
    });
  }
}

/**
 * Runs Deno to its end and returns what it printed.
 * @param env its whole environment; that of this process when absent
 * @throws {Error} with what it wrote to stderr, when it fails
 */
async function deno(args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    ...(env && { env, clearEnv: true }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C must reach only this script: the demo could not clean up after a start that was interrupted half-way.
    detached: true,
  }).spawn().output();
  if (!success) throw new Error(`deno ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  systemProcesses.onSignal(name, () => {
    Deno.exitCode = signalExitCode(name);
    interruption.abort();
  });
}
// Otherwise an HTTP proxy from the environment would get the requests to this machine, too.
Deno.env.set("NO_PROXY", "127.0.0.1");
try {
  await demo(interruption.signal);
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}
