// The background service of a home, as clients and the system see it.

import type { Trace } from "../../src/api/trace.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { isServiceRecord, readHolder } from "../../src/runtime/process_record.ts";
import { systemProcesses } from "../../src/system/process.ts";
import { type Home, until } from "./program.ts";

export const MANAGEMENT_KEY = "management-key-of-a-test";

const SAVED_WITHIN_MS = 2_000;

/** An entry of `/health`, with what tests look at. */
export interface Account {
  readonly file: string;
  readonly email: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly until: string | null;
}

/** What `cdx2 stop` says, on a slow machine also what it waits for. */
export function saysStopped(pid: number): RegExp {
  return new RegExp(`^(?:waiting .*\\n)*stopped the proxy \\(pid ${pid}\\)\\n$`);
}

export class Service {
  private constructor(
    readonly pid: number,
    readonly baseUrl: string,
    readonly identity: string | undefined,
  ) {}

  /** Starts the service of a home, or finds it. Everyone in the home has to know {@link MANAGEMENT_KEY}. */
  static async start(home: Home): Promise<Service> {
    const child = home.startService();
    let hasEnded = false;
    void child.status.then(() => hasEnded = true);
    const { lockFile, logFile, stateFile } = runtimePaths(home.authDir);
    const holder = async () => {
      const record = await Deno.readTextFile(lockFile).then(readHolder, () => undefined);
      return isServiceRecord(record) ? record : undefined;
    };
    await until("the service listens", async () => hasEnded || (await holder())?.pid === child.pid);
    const record = await holder();
    // It ends without an error when there is one already.
    if (record === undefined || (hasEnded && !(await child.status).success)) {
      throw new Error(`the service does not start: ${await Deno.readTextFile(logFile).catch(String)}`);
    }
    const { pid, host, port, identity } = record;
    // A moment later it saves its first state. Where it cannot, that is what the test is about.
    await until("its state is saved", async () => {
      return (await Deno.readTextFile(stateFile).catch(() => "")).includes(`"pid": ${pid},`);
    }, SAVED_WITHIN_MS).catch(() => {});
    return new Service(
      pid,
      `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
      identity ?? undefined,
    );
  }

  /** The same, as a user does it. */
  static async startInBackground(home: Home): Promise<Service> {
    const { code, stdout, stderr } = await home.run(["proxy", "--json"]);
    if (code !== 0) throw new Error(`the service does not start: ${stderr}`);
    const { pid, base_url } = JSON.parse(stdout);
    return new Service(pid, base_url, await systemProcesses.identityOf(pid));
  }

  /** Host and port. */
  get address(): string {
    return new URL(this.baseUrl).host;
  }

  /** A model request of a client. */
  async ask(headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(`${this.baseUrl}/v1/responses`, { method: "POST", body: "{}", headers });
  }

  /** The status of such a request's answer. */
  async askForStatus(headers: Record<string, string> = {}): Promise<number> {
    const response = await this.ask(headers);
    await response.body?.cancel();
    return response.status;
  }

  /** A request to a management endpoint. */
  async manage(path: string, method = "GET", key = MANAGEMENT_KEY): Promise<Response> {
    return await fetch(this.baseUrl + path, { method, headers: { "x-management-key": key } });
  }

  /** The keys and how they fare, without a look into the auth dir. */
  async accounts(): Promise<readonly Account[]> {
    return (await (await this.manage("/health")).json()).accounts;
  }

  /** The attempts after the one with this number, oldest first. */
  async attempts(after = 0): Promise<Trace["events"]> {
    return (await (await this.manage(`/trace?after=${after}`)).json()).events;
  }

  signal(name: Deno.Signal): void {
    Deno.kill(this.pid, name);
  }

  async isRunning(): Promise<boolean> {
    return await systemProcesses.identityOf(this.pid) === this.identity;
  }

  async untilGone(deadlineMs?: number): Promise<void> {
    await until(`the service (pid ${this.pid}) ends`, async () => !(await this.isRunning()), deadlineMs);
  }

  /** As `cdx2 stop` does it. */
  async stop(): Promise<void> {
    const answer = await this.manage("/shutdown", "POST");
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the service does not stop: ${answer.status}`);
    await this.untilGone();
  }

  /** As the kernel ends it when memory runs out. */
  async crash(): Promise<void> {
    this.signal("SIGKILL");
    await this.untilGone();
  }
}
