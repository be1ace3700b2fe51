/**
 * The sandbox of the network-facing code: a worker that may connect to the upstream, listen on its address, read the
 * auth dir and write its state and logs there, and nothing else. It gets no environment and can start no program.
 * @module
 */

import { bracketed, reachableHost } from "../config/address.ts";
import { writtenByWorker } from "../config/paths.ts";
import type { ProxiedOrigin } from "../config/http_proxy.ts";
import type { Settings } from "../config/settings.ts";
import { UserError } from "../values/user_error.ts";
import type { Debug } from "../api/debug.ts";
import type { Usage } from "../api/usage.ts";
import { addressOf } from "../system/connect.ts";
import type { ClockMove } from "../system/clock.ts";
import { NULL_DEVICE } from "../system/descriptors.ts";
import type { LoginClaim } from "../credentials/login_claim.ts";
import type { RedisAddress } from "../system/redis.ts";
import { ListenError, type ListenFailure } from "../system/listen.ts";
import type { ServiceRecord } from "./process_record.ts";
import type { EventNews } from "./event_feed.ts";
import type { UsageQuery } from "./usage_page.ts";
import type { UsageQuestion } from "./usage_questions.ts";
import type { HomeKept, HomeToKeep, HomeWorker } from "./home_keeper.ts";
import type { RenewalRequest } from "./renewal_link.ts";
import type { RenewalAsks, RenewalNews, RenewalWorker } from "./renewal_schedule.ts";
import type { TokensHanded, TokensWanted } from "./token_handover.ts";

/** The settings that are secrets, or hold one. */
export type SecretSetting = "managementKey" | "clientKey" | "remoteManagementKey" | "shared" | "sharedSecret";

/** All that the worker needs. It gets a copy, which a Secret would not survive: so the key goes as plain text. */
export interface WorkerStart {
  /** All without secrets. */
  readonly settings: Omit<Settings, SecretSetting>;
  /** `undefined`: there is no shared pool. */
  readonly shared: SharedStart | undefined;
  /** As plain text. */
  readonly managementKey: string;
  /** Of this program. */
  readonly version: string;
  /** Which process serves; the worker adds the port. */
  readonly service: Omit<ServiceRecord, "port">;
  /** For `/debug`. */
  readonly settingsView: Debug["settings"];
  /** The upstreams that single keys have for themselves, as base URLs: keys of no others can be used. */
  readonly ownUpstreams: readonly string[];
  /** The upstreams that HTTP_PROXY or HTTPS_PROXY leads to, by their origins. */
  readonly proxiedOrigins: readonly ProxiedOrigin[];
  /** Log lines also go to standard error. */
  readonly mirrorLog: boolean;
  /** The workers before this one, for `/debug`. */
  readonly crashes: Crashes;
}

/** How the worker takes part in a shared pool; secrets as plain text. */
export interface SharedStart {
  /** The server. */
  readonly address: RedisAddress;
  /** The secret of the pool. */
  readonly secret: string;
  /** The name of the pool. */
  readonly namespace: string;
  /** What this member is called. */
  readonly member: string;
  /** What the system calls this machine. */
  readonly host: string;
  /** The member, the same over its runs. */
  readonly memberId: string;
  /** Whether it may renew logins for the pool. */
  readonly mayBeHome: boolean;
  /** What earlier runs kept of the homes of logins. */
  readonly claims: Readonly<Record<string, LoginClaim>>;
}

/** How often the worker of this process has crashed. */
export interface Crashes {
  /** Since the process was started. */
  readonly count: number;
  /** `undefined` when there was none. */
  readonly last: { readonly reason: string; readonly atMs: number } | undefined;
}

/** What the main thread tells the worker. */
export type ToWorker =
  | { readonly kind: "start"; readonly start: WorkerStart }
  | { readonly kind: "announce" | "save_state" | "disown" }
  | { readonly kind: "stop"; readonly reason: string }
  | { readonly kind: "clock_moved"; readonly move: ClockMove }
  /** `undefined`: the usage history cannot be read. */
  | { readonly kind: "usage_answer"; readonly id: number; readonly answer: Usage | undefined }
  | TokensHanded
  | HomeKept
  | RenewalNews;

/** What the worker tells the main thread. */
export type FromWorker =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "cannot_listen"; readonly failure: ListenFailure; readonly message: string }
  /** What happened, for the usage history and the user's command. */
  | { readonly kind: "happened"; readonly news: EventNews }
  /** Somebody asks for `/usage`. */
  | { readonly kind: "usage_asked"; readonly question: UsageQuestion }
  | RenewalRequest
  | HomeToKeep
  | TokensWanted
  /** The process takes much memory that nothing uses, and nothing runs. */
  | { readonly kind: "return_memory" }
  /** `ended`: after a stop or `/shutdown`. */
  | { readonly kind: "ended" | "crashed"; readonly reason: string };

/** How a worker ended, and why. `ended`: after a stop or `/shutdown`. */
export interface WorkerEnd {
  readonly kind: "ended" | "crashed";
  readonly reason: string;
}

/** A worker, seen from the main thread. */
export interface RunningWorker extends RenewalWorker, HomeWorker {
  /** Rejects with a {@link ListenError}, or a {@link UserError} when the worker crashed before. */
  readonly listening: Promise<{ readonly port: number }>;
  /** Never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** Lets it tell its address to everyone, in the state file and the log, once it listens. */
  announce(): void;
  /** Has it write the state file. */
  saveState(): void;
  /** From now on it writes no file that a start reads: they are another service's. */
  disown(): void;
  /** The computer slept, or the wall clock was set. */
  clockMoved(move: ClockMove): void;
  /** Asks it to drain and end. */
  stop(reason: string): void;
  /** Calls `act` with what happened, in batches; each of several `act`s. */
  onNews(act: (news: EventNews) => void): void;
  /** Has `answer` answer `/usage`. */
  onUsageQuestion(answer: (query: UsageQuery) => Promise<Usage | undefined>): void;
}

/** Does something for the worker that it may not do itself. */
export interface WorkerAttendant {
  /** From now on for this worker. */
  serve(worker: RunningWorker): void;
  /** Resolves when nothing is left to do. */
  close(): Promise<void>;
}

/** A worker that does nothing yet: it loads its code, and waits for its start. */
export interface BootedWorker {
  readonly worker: Worker;
  /** Resolves with the reason when it fails by itself. */
  readonly failed: Promise<string>;
}

/**
 * Boots the worker with the permissions that it needs and no others. Takes as long as starting a process, and this thread
 * waits; the worker then loads its code beside what this thread does.
 */
export function bootWorker(reach: WorkerReach, module = workerModule(import.meta.url)): BootedWorker {
  const failed = Promise.withResolvers<string>();
  const worker = new Worker(module, { type: "module", deno: { permissions: permissionsFor(reach) } });
  worker.onerror = (event) => {
    event.preventDefault();
    failed.resolve(event.message);
  };
  return { worker, failed: failed.promise };
}

/** How a worker is started. */
export interface WorkerOptions {
  /** What it gets of the tokens in the keyring, when it asks. */
  readonly handTokens: (wanted: TokensWanted) => Promise<TokensHanded>;
  /** Returns memory of the process to the system. */
  readonly returnMemory: () => void;
  /** One that was booted for this start. Absent: boots one. */
  readonly booted?: BootedWorker | undefined;
}

/** Starts the worker. */
export function startWorker(
  start: WorkerStart,
  { handTokens, returnMemory, booted }: WorkerOptions,
): RunningWorker {
  const listening = Promise.withResolvers<{ port: number }>();
  const ended = Promise.withResolvers<WorkerEnd>();
  const { worker, failed } = booted ?? bootWorker(start);
  const onNews: ((news: EventNews) => void)[] = [];
  let answerUsage = (_query: UsageQuery): Promise<Usage | undefined> => Promise.resolve(undefined);
  let keepHome = ({ login }: HomeToKeep): Promise<HomeKept> =>
    Promise.resolve({ kind: "home_kept", login, isKept: false });
  let asked: RenewalAsks = { refused: () => {}, awaited: () => {} };
  const crash = (reason: string) => {
    listening.reject(new UserError(`Cannot start the proxy: ${reason}`));
    ended.resolve({ kind: "crashed", reason });
  };
  void failed.then(crash);
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    switch (data.kind) {
      case "listening":
        return listening.resolve({ port: data.port });
      case "token_refused":
        return asked.refused(data.file, data.accessHash);
      case "happened":
        return onNews.forEach((act) => act(data.news));
      case "usage_asked":
        return void answerUsage(data.question)
          .then((answer) => tell({ kind: "usage_answer", id: data.question.id, answer }));
      case "home_to_keep":
        return void keepHome(data).then(tell);
      case "renewal_awaited":
        return asked.awaited(data.file);
      case "tokens_wanted":
        return void handTokens(data).then(tell);
      case "return_memory":
        return returnMemory();
      case "ended":
        return ended.resolve({ kind: "ended", reason: data.reason });
      case "crashed":
        return crash(data.reason);
      case "cannot_listen":
        listening.reject(new ListenError(data.failure, data.message));
        worker.terminate();
    }
  };
  // A caller that only waits for the end must not get the failed start as an unhandled rejection.
  listening.promise.catch(() => {});
  const tell = (message: ToWorker) => worker.postMessage(message);
  tell({ kind: "start", start });
  return {
    listening: listening.promise,
    ended: ended.promise.finally(() => worker.terminate()),
    announce: () => tell({ kind: "announce" }),
    saveState: () => tell({ kind: "save_state" }),
    disown: () => tell({ kind: "disown" }),
    clockMoved: (move) => tell({ kind: "clock_moved", move }),
    stop: (reason) => tell({ kind: "stop", reason }),
    tell,
    onNews: (act) => void onNews.push(act),
    onUsageQuestion: (answer) => void (answerUsage = answer),
    onHome: (keep) => void (keepHome = keep),
    onRenewalAsked: (asks) => asked = asks,
  };
}

/** The code of the worker is beside that of the caller; in the executable, both are JavaScript. */
function workerModule(ownUrl: string): URL {
  return new URL(ownUrl.endsWith(".ts") ? "./worker.ts" : "./worker.js", ownUrl);
}

/** What the worker may do, in the form of Deno's `deno.permissions`. */
export interface WorkerPermissions {
  /** Hosts with ports: those that it may connect to and listen on. */
  readonly net: string[];
  /** Folders, and the null device. */
  readonly read: string[];
  /** Files, each by its name. */
  readonly write: string[];
  /** No environment variables. */
  readonly env: false;
  /** No programs. */
  readonly run: false;
  /** Nothing about the system. */
  readonly sys: false;
  /** No native libraries. */
  readonly ffi: false;
  /** No code from elsewhere. */
  readonly import: false;
}

const NOTHING_ELSE = { env: false, run: false, sys: false, ffi: false, import: false } as const;

/** What of a start says how far the worker may reach. */
export type WorkerReach = Pick<WorkerStart, "settings" | "shared" | "ownUpstreams" | "proxiedOrigins">;

/** What the worker may do: names and ports exactly as it will use them. */
export function permissionsFor(
  { settings, shared, ownUpstreams, proxiedOrigins }: WorkerReach,
): WorkerPermissions {
  const { authDir, host, port, upstream } = settings;
  const tunnels = proxiedOrigins.flatMap(({ tunnelUrl }) => tunnelUrl ?? []);
  const upstreams = [upstream, ...ownUpstreams, ...tunnels].map((url) => addressOf(new URL(url)).authority);
  const engines = shared ? [`${bracketed(shared.address.hostname)}:${shared.address.port}`] : [];
  // It asks its own server for a sign of life there.
  const own = [...new Set([host, reachableHost(host)])].map((name) => `${bracketed(name)}:${port}`);
  return {
    net: [...new Set([...upstreams, ...engines]), ...own],
    read: [authDir, NULL_DEVICE],
    write: [...writtenByWorker(authDir)],
    ...NOTHING_ELSE,
  };
}
