/**
 * Three proxies on machines of their own, whose clocks are ten minutes apart, and a network that loses packets without a
 * word. It has to run inside of the hub of {@link Hub}, so this module runs itself there.
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { json } from "../../tests/support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../../tests/support/fake_upstream.ts";
import { downsOf, homeOf } from "../../tests/support/pool_home.ts";
import { type Home, until } from "../../tests/support/program.ts";
import { RedisServer } from "../../tests/support/redis_server.ts";
import { MANAGEMENT_KEY } from "../../tests/support/service.ts";
import { outputOf } from "../bench/programs.ts";
import { type Finding, ms } from "./finding.ts";
import { ENGINE_HOST, Hub, Machine, UPSTREAM_HOST } from "./namespaces.ts";

const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const PORT = "8317";
const CLOCKS_S = [0, 600, -600];
const KEYS = ["a", "b", "c", "d", "e", "f"];
const LAST_MS = 6000;
const MAX_UNEQUAL_MS = 5000;
// Two answers of different moments say the rest of the same time.
const SAME_S = 3;

const OK = json(200, { id: "resp_1" });
const REFUSED = json(401, { error: { code: "token_invalidated" } });
const LIMITED = json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } });

/** The proof; where it cannot be had, one row that says why. */
export async function network(): Promise<readonly Finding[]> {
  const name = `cdx2-${Deno.pid}`;
  await using hub = await Hub.make(name);
  const missing = hub === undefined
    ? "network namespaces are not permitted here"
    : await outputOf("nft", ["--version"]) === undefined
    ? "there is no nft"
    : await Deno.stat(FAKETIME).then(() => undefined, () => "there is no libfaketime");
  if (hub === undefined || missing !== undefined) {
    return [{ what: "Three machines", figure: `skipped: ${missing}`, complaint: undefined }];
  }
  for (let number = 1; number <= CLOCKS_S.length; number++) await hub.add(number);
  const said = await new Deno.Command("ip", {
    args: ["netns", "exec", name, Deno.execPath(), "run", "-A", "--quiet", import.meta.filename!, name],
    stderr: "inherit",
  }).output();
  if (!said.success) throw new Error("the proof in the namespaces failed");
  return JSON.parse(new TextDecoder().decode(said.stdout));
}

/** A proxy on a machine. */
class Remote {
  constructor(readonly machine: Machine, readonly home: Home) {}

  /** What a program prints there. */
  async run(...words: readonly string[]): Promise<string> {
    const [command, ...args] = this.machine.commandLine(...words);
    const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  }

  async page(path: string) {
    const header = `x-management-key: ${MANAGEMENT_KEY}`;
    return JSON.parse(await this.run("curl", "-s", "-H", header, `http://127.0.0.1:${PORT}${path}`) || "{}");
  }

  async shared() {
    return (await this.page("/debug")).shared ?? {};
  }

  /** The states of all keys, in their order. */
  async states(): Promise<string> {
    const { accounts = [] } = await this.page("/health");
    return accounts.map(({ file, status }: Record<string, string>) => `${file} ${status}`).sort().join(", ");
  }
}

/** All of it, inside of the hub. */
async function prove(hub: string): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(new RedisServer(ENGINE_HOST));
  await engine.start();
  const upstream = stack.use(await startFakeUpstream({ host: UPSTREAM_HOST }));
  upstream.reply({}, OK);
  const remotes: Remote[] = [];
  for (const [index, offS] of CLOCKS_S.entries()) {
    const name = `machine-${index + 1}`;
    const home = stack.use(await homeOf({ name, upstream: upstream.url, engine, keys: KEYS }));
    const remote = new Remote(new Machine(hub, index + 1), home);
    stack.use(startOn(remote, offS));
    remotes.push(remote);
  }
  await until(
    "all are members",
    () => all(remotes, async (remote) => (await remote.shared()).members?.length === 3),
  );
  const askers = remotes.map((remote) => stack.use(askOn(remote)));
  const findings: Finding[] = [];
  findings.push(await sameTimeLeft(remotes, upstream));
  const [, , last] = remotes as [Remote, Remote, Remote];
  const cuts = [
    { what: "cable pulled", begin: () => last.machine.pull(), end: () => last.machine.plug() },
    ...(["input", "output"] as const).map((way) => ({
      what: `packets ${way === "input" ? "from" : "to"} the server lost`,
      begin: () => last.machine.lose(way),
      end: () => last.machine.loseNothing(),
    })),
  ];
  for (const cut of cuts) findings.push(await suffer(remotes, upstream, cut));
  const statuses = askers.flatMap((asker) => asker.end());
  const failed = statuses.filter((status) => status !== "200");
  return [...findings, {
    what: "Three machines, all the time",
    figure: `${statuses.length} requests, ${statuses.length - failed.length} of them answered`,
    complaint: failed.length === 0 ? undefined : `${failed.length} were not: ${failed[0]}`,
  }];
}

function startOn({ machine, home }: Remote, offS: number): AsyncDisposable {
  const { command, args, env = {} } = home.commandLine(["run-server", "--auth-dir", home.authDir]);
  const clock = {
    LD_PRELOAD: FAKETIME,
    FAKETIME: `${offS < 0 ? "" : "+"}${offS}s`,
    DONT_FAKE_MONOTONIC: "1",
  };
  const [ip, ...words] = machine.commandLine(command, ...args);
  const child = new Deno.Command(ip, {
    args: words,
    env: { ...env, CLIPROXY_PORT: PORT, ...(offS === 0 ? {} : clock) },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

const ASK = `curl -s -m 10 -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:${PORT}/v1/responses -d '{}'`;

/** Sends requests on this machine until it is ended; then these are their statuses. */
function askOn({ machine }: Remote) {
  const [command, ...args] = machine.commandLine("sh", "-c", `while ${ASK}; do sleep 0.05; done`);
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  const end = () => text.split("\n").slice(0, -1);
  return {
    end,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

/** A limit that one machine meets ends for all at the same moment, whatever their clocks say. */
async function sameTimeLeft(remotes: readonly Remote[], upstream: FakeUpstream): Promise<Finding> {
  upstream.forToken("token-a", LIMITED);
  const leftS = async (remote: Remote, index: number) => {
    const { accounts = [] } = await remote.page("/health");
    const found = accounts.find(({ file }: { file: string }) => file === "a.json");
    if (!found?.until) return undefined;
    return (Date.parse(found.until) - Date.now()) / 1000 - CLOCKS_S[index]!;
  };
  let left: readonly (number | undefined)[] = [];
  await until("all know the limit", async () => {
    left = await Promise.all(remotes.map(leftS));
    return left.every((seconds) => seconds !== undefined);
  });
  const [least, most] = [Math.min, Math.max].map((pick) => pick(...left.map(Number)));
  const offs = (await remotes[1]!.shared()).members.map((member: Record<string, number>) =>
    member["clock_off_ms"]! / 1000
  );
  const doctor = await remotes[1]!.run(...doctorLine(remotes[1]!));
  return {
    what: "Three machines, clocks 0, +10 and −10 minutes off: an hour\u2019s limit met by one",
    figure: `ends on all within ${(most! - least!).toFixed(1)} s; the pool sees clocks that are ` +
      `${offs.map((off: number) => `${off.toFixed(0)} s`).join(", ")} off`,
    complaint: most! - least! > SAME_S
      ? "the machines differ"
      : /clock/i.test(doctor)
      ? undefined
      : "doctor does not say whose clock is off",
  };
}

function doctorLine({ home }: Remote): readonly string[] {
  const { command, args, env = {} } = home.commandLine(["doctor"]);
  return [
    "env",
    "-i",
    ...Object.entries({ ...env, CLIPROXY_PORT: PORT }).map(([name, value]) => `${name}=${value}`),
    command,
    ...args,
  ];
}

async function suffer(
  remotes: readonly Remote[],
  upstream: FakeUpstream,
  { what, begin, end }: { readonly what: string; begin(): Promise<void>; end(): Promise<void> },
): Promise<Finding> {
  const last = remotes.at(-1)!;
  upstream.startOver();
  upstream.reply({}, OK);
  await last.run(
    "curl",
    "-s",
    "-X",
    "POST",
    "-H",
    `x-management-key: ${MANAGEMENT_KEY}`,
    `http://127.0.0.1:${PORT}/reset?all=1`,
  );
  await until(
    "nothing is known",
    () => all(remotes, async (remote) => /^(\w\.json OK(, )?)+$/.test(await remote.states())),
  );
  const downsBefore = await downsOf(last.home);
  await begin();
  const begunMs = performance.now();
  await until("it is noticed", async () => (await last.shared()).state === "degraded");
  const noticedMs = performance.now() - begunMs;
  upstream.forToken("token-b", REFUSED);
  await until(
    "all have found it",
    () => all(remotes, async (remote) => /b\.json BLACKLIST/.test(await remote.states())),
  );
  await pause(LAST_MS);
  await end();
  const endedMs = performance.now();
  await until("all know the same", async () => {
    const states = await Promise.all(remotes.map((remote) => remote.states()));
    return new Set(states).size === 1 && (await last.shared()).state === "up";
  });
  const equalMs = performance.now() - endedMs;
  const downs = await downsOf(last.home) - downsBefore;
  return {
    what: `Three machines, ${what}`,
    figure: `noticed after ${ms(noticedMs)} ms; equal ${ms(equalMs)} ms after its end`,
    complaint: equalMs > MAX_UNEQUAL_MS ? "too late" : downs === 1 ? undefined : `${downs} lines in the log`,
  };
}

async function all(
  remotes: readonly Remote[],
  isTrue: (remote: Remote) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(remotes.map(isTrue))).every((one) => one);
}

// deno-lint-ignore no-console -- what it prints is its answer
if (import.meta.main) console.log(JSON.stringify(await prove(Deno.args[0]!)));
