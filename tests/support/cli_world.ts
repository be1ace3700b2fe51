// A machine on which whole command lines run: the files, processes and service of ServiceWorld, with a terminal and
// child processes that only record.

import { exitCodeOf } from "../../src/cli/main.ts";
import { VERSION } from "../../src/cli/version.ts";
import type { World } from "../../src/cli/world.ts";
import type { Fields, Json } from "../../src/values/json.ts";
import type { Debug } from "../../src/api/debug.ts";
import { DatabaseError, type OpenDatabase } from "../../src/system/database.ts";
import type { GrowingFile } from "../../src/system/growing_file.ts";
import { SendError, type UpstreamRequest } from "../../src/system/http.ts";
import type { Listen } from "../../src/system/http_server.ts";
import { ListenError } from "../../src/system/listen.ts";
import { SpawnError } from "../../src/system/foreground.ts";
import type { Environment, Processes } from "../../src/system/process.ts";
import type { Platform } from "../../src/system/platform.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import { FakeKeyring } from "./fake_keyring.ts";
import { FakeScreen } from "./fake_screen.ts";
import { FakeSend } from "./fake_send.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { asPort } from "./memory_files.ts";
import { aDebugView, AUTH_DIR, KEY, ServiceWorld } from "./service_world.ts";

interface Child {
  readonly commandLine: readonly string[];
  readonly env: Environment;
}

interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class CliWorld {
  readonly machine = new ServiceWorld();
  readonly terminal = new FakeTerminal();
  /** The screen of a live view. */
  readonly screen = new FakeScreen();
  /** The keyring of the system. */
  readonly keyring = new FakeKeyring();
  readonly children: Child[] = [];
  /** Exit codes of child processes by program; a program that is not listed cannot be run. */
  readonly exitCodes: Record<string, number> = {};
  env: Environment = { CLIPROXY_AUTH_DIR: AUTH_DIR, CLIPROXY_MANAGEMENT_KEY: KEY, PATH: "/bin" };
  /** What `/trace` answers: rows, or why there is no answer. */
  events: readonly Fields[] | "unreachable" | "unauthorized" = [];
  /** What `/trace` answers besides them. */
  more: { readonly running?: readonly Fields[]; readonly refused?: readonly Fields[] } = {};
  /** The proxy accepts connections but never answers. */
  isHanging = false;
  /** What other endpoints answer, by method, path and query: `GET /health`. */
  readonly answers = new Map<string, Json>();
  /** What the upstream answers to the commands themselves. */
  upstream = new FakeSend("not_sent");
  /** The hosts that were to be reached directly. */
  readonly directHosts: string[] = [];
  /** What the program runs on. */
  platform: Platform = { system: "linux", self: ["/opt/cdx2"], userId: 1000 };
  /** How commands listen. */
  listen: Listen = () => {
    throw new ListenError("denied", "not part of this world");
  };
  /** How databases are opened. */
  openDatabase: OpenDatabase = () => Promise.reject(new DatabaseError("damaged", "file is not a database"));
  #debug: Debug | undefined;

  constructor() {
    const spawnForeground: Processes["spawnForeground"] = (command, args, env) => {
      const code = this.exitCodes[command];
      if (code === undefined) throw new SpawnError(command, "not_found", "there is no such command");
      this.children.push({ commandLine: [command, ...args], env });
      return { pid: 1, exited: Promise.resolve({ code }), signal: () => {} };
    };
    Object.assign(this.machine.processes, { spawnForeground });
  }

  /** From now on a proxy is running. */
  runService(debug: Partial<Debug> = {}): void {
    this.#debug = aDebugView({ version: VERSION, ...debug });
    this.machine.runService({ pid: this.#debug.pid, debug: this.#debug });
  }

  /** Runs a command line; an argument with spaces is passed separately. */
  async run(line: string, ...more: readonly string[]): Promise<Finished> {
    this.terminal.outText = this.terminal.errText = "";
    const code = await exitCodeOf([...line.split(" "), ...more], this.world());
    return { code, out: this.terminal.outText, err: this.terminal.errText };
  }

  /** What a command runs in. */
  world(): World {
    const { files, processes, clock } = this.machine;
    return {
      terminal: this.terminal,
      openScreen: () => this.screen,
      files: keptFiles(asPort(files), this.keyring),
      keyring: this.keyring,
      openDatabase: (...how) => this.openDatabase(...how),
      openGrowing: (path) => Promise.resolve(growing(files.text(path))),
      processes,
      clock,
      env: this.env,
      homeFolder: "/home/ann",
      platform: this.platform,
      cwd: "/",
      sendTo: (host) => {
        this.directHosts.push(host);
        return async (request) =>
          this.isHanging ? await new FakeSend("hang").send(request) : this.#answer(request);
      },
      plainGet: undefined,
      sendOut: () => this.upstream.send,
      sendOnce: () => this.upstream.send,
      listen: () => Promise.resolve((options, handle) => this.listen(options, handle)),
    };
  }

  #answer({ url, method, headers }: UpstreamRequest): Response {
    const { pathname: path, search, searchParams } = new URL(url);
    if (!this.#debug) throw new SendError("not_sent", "connection refused");
    if (headers.get("x-management-key") !== KEY) return new Response("{}", { status: 401 });
    if (path === "/debug") return Response.json(this.#debug);
    if (path === "/trace") return this.#answerTrace(this.#debug, searchParams);
    const answer = this.answers.get(`${method} ${path}${search}`);
    if (answer !== undefined) return Response.json(answer);
    this.machine.processes.end(this.#debug.pid);
    return Response.json({ status: "shutting_down" });
  }

  #answerTrace({ started_at }: Debug, query: URLSearchParams): Response {
    if (this.events === "unreachable") throw new SendError("not_sent", "connection refused");
    if (this.events === "unauthorized") return new Response("{}", { status: 401 });
    const after = Number(query.get("after"));
    return Response.json({
      events: this.events.filter(({ id }) => Number(id) > after),
      ...this.more,
      started_at,
    });
  }
}

function growing(text: string | undefined): GrowingFile | undefined {
  let unread = new TextEncoder().encode(text ?? "");
  return text === undefined ? undefined : {
    startsWithinLine: false,
    readMore: () => {
      const bytes = unread;
      unread = new Uint8Array();
      return Promise.resolve(bytes);
    },
    wasReplaced: () => Promise.resolve(false),
    close: () => {},
  };
}
