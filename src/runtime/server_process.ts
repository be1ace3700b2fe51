/**
 * The main thread of the proxy process: it holds the lock, the pid file and the signals, and starts the worker that
 * serves. It writes `.env` as well, which the worker may not: it decides which upstream the next start uses.
 * @module
 */

import type { ProxiedOrigin } from "../config/http_proxy.ts";
import { runtimePaths } from "../config/paths.ts";
import { describeSettings, type ResolvedSettings, type Settings } from "../config/settings.ts";
import type { Secret } from "../values/secret.ts";
import { failureOf, UserError } from "../values/user_error.ts";
import type { ProxyEvent } from "../observability/event.ts";
import type { Clock, ClockReading } from "../system/clock.ts";
import { upstreamsOfKeys } from "../auth/upstreams_of_keys.ts";
import type { Files } from "../system/files.ts";
import { ListenError } from "../system/listen.ts";
import { MEMORY_SIGNAL } from "../system/memory.ts";
import { ENDING_SIGNALS, type Processes, signalExitCode } from "../system/process.ts";
import { refuseWithoutClients } from "./client_key_file.ts";
import { watchClocks } from "./clock_watch.ts";
import {
  keepInEnvFile,
  keptManagementKey,
  prepareAuthDir,
  settledManagementKey,
  unusableAuthDir,
} from "./first_start.ts";
import { OwnFiles } from "./own_files.ts";
import type {
  Crashes,
  RunningWorker,
  SharedStart,
  WorkerAttendant,
  WorkerReach,
  WorkerStart,
} from "./sandbox.ts";
import { superviseWorker } from "./supervisor.ts";
import { reportTidying } from "./tidy.ts";
import { type ProcessRecord, readHolder, readPid, writeHolder } from "./process_record.ts";

/** What the proxy process works with. */
export interface ServerProcessDeps {
  /** Reads and writes the files in the auth dir. */
  readonly files: Files;
  /** Knows this process, its signals and others. */
  readonly processes: Processes;
  /** Dates the start and events. */
  readonly clock: Clock;
  /** Reads the clocks of the system, to notice sleeps and a clock that was set. */
  readonly readClocks: () => ClockReading;
  /** The settings, with where each came from. */
  readonly resolved: ResolvedSettings;
  /** Of this program. */
  readonly version: string;
  /** The HTTP proxy on the way to a URL; `undefined` when there is none. */
  readonly proxiedOrigin: (url: string) => ProxiedOrigin | undefined;
  /** It runs in a terminal: errors are thrown, to be shown there. Otherwise they go to the log. */
  readonly foreground: boolean;
  /** Makes a management key for an auth dir that has none. */
  readonly newManagementKey: () => string;
  /** How the worker takes part in a shared pool; `undefined`: there is none. @throws {@link UserError} */
  readonly shared: () => Promise<SharedStart | undefined>;
  /** A port of this host that nobody uses. @throws {@link ListenError} */
  readonly freePort: (host: string) => number;
  /** Boots the sandboxed worker for the next start. */
  readonly bootWorker: (reach: WorkerReach) => void;
  /** Starts the sandboxed worker. */
  readonly startWorker: (start: WorkerStart) => RunningWorker;
  /** What else this process does: renewals, the usage history. Their code is loaded beside that of the worker. */
  readonly attendants: () => Promise<readonly WorkerAttendant[]>;
  /** Resolves when the event is written to the service log. */
  readonly log: (event: ProxyEvent) => Promise<void>;
  /** Ends the process at once, for a second signal. */
  readonly exit: (code: number) => never;
}

// Each of them would end the process at once, with its streams.
const STOP_SIGNALS = ENDING_SIGNALS.filter((name) => name !== MEMORY_SIGNAL);

/**
 * Serves until it is stopped, and returns the exit code. When another process serves this auth dir already, it
 * ends with 0 at once.
 * @throws {@link UserError} in the foreground, for what otherwise goes to the log with exit code 1
 */
export async function runServer(deps: ServerProcessDeps): Promise<number> {
  try {
    return await serveUnderLock(deps);
  } catch (thrown) {
    const error = unusableAuthDir(thrown);
    if (deps.foreground) throw error;
    await deps.log({ atMs: deps.clock.nowMs(), level: "error", event: "proxy.stopped", ...failureOf(error) });
    return 1;
  }
}

async function serveUnderLock(deps: ServerProcessDeps): Promise<number> {
  const { files, processes, resolved: { settings } } = deps;
  const { authDir } = settings;
  const paths = runtimePaths(authDir);
  await prepareAuthDir(files, authDir);
  await refuseWithoutClients(files, settings);
  const own = await ownRecord(deps);
  const lock = await files.tryLock(paths.lockFile, writeHolder(own));
  if (lock === undefined) return await afterLostLock(deps, paths.lockFile);
  const ownFiles = new OwnFiles({ files, clock: deps.clock, authDir, paths, own }, lock);
  const listening = Promise.withResolvers<void>();
  try {
    await ownFiles.writePid();
    // With thousands of keys it takes a moment, which no start waits for.
    void reportTidying({ ...deps, authDir, keysAfter: listening.promise }, deps.log);
    await serve(deps, { own, ownFiles, onListening: listening.resolve });
    return 0;
  } finally {
    listening.resolve();
    const isOwnPid = readPid(await files.readText(paths.pidFile).catch(() => "")) === processes.pid;
    if (isOwnPid) await files.remove(paths.pidFile).catch(() => {});
    ownFiles.release();
  }
}

async function ownRecord({ processes, clock, version }: ServerProcessDeps): Promise<ProcessRecord> {
  const { pid } = processes;
  const identity = await processes.identityOf(pid) ?? null;
  return { pid, identity, startedAt: new Date(clock.nowMs()).toISOString(), version };
}

async function afterLostLock({ files, foreground }: ServerProcessDeps, lockFile: string): Promise<number> {
  if (!foreground) return 0;
  const holder = readHolder(await files.readText(lockFile).catch(() => ""));
  throw new UserError(`The proxy is already running${holder ? ` as pid ${holder.pid}` : ""}`, {
    hint: 'stop it with "cdx2 stop", or pass --force',
  });
}

interface Serving {
  readonly own: ProcessRecord;
  readonly ownFiles: OwnFiles;
  readonly onListening: () => void;
}

async function serve(deps: ServerProcessDeps, { own, ownFiles, onListening }: Serving): Promise<void> {
  const { files, clock, readClocks, resolved: { settings } } = deps;
  const ownUpstreams = await upstreamsOfKeys(files, settings.authDir);
  const stop = new AbortController();
  const forgetSignals = stopOnSignals(deps, stop);
  const shared = await deps.shared();
  let attendants: readonly WorkerAttendant[] = [];
  const serveOn = async (port: number) => {
    const reach = workerReach(deps, { port, ownUpstreams, shared });
    deps.bootWorker(reach);
    if (attendants.length === 0) attendants = await deps.attendants();
    const managementKey = await settledManagementKey(files, settings, deps.newManagementKey);
    const base = workerStart(deps, own, { ...reach, managementKey: managementKey.reveal() });
    let worker: RunningWorker | undefined;
    const isOver = new AbortController();
    void watchClocks({ clock, readClocks, onMove: (move) => worker?.clockMoved(move) }, isOver.signal);
    const watching = ownFiles.watch({
      saveState: () => worker?.saveState(),
      keepSettings: () => keepAgain(deps, { port, managementKey }),
      report: (what) => reportLoss(deps, what),
    }, isOver.signal).then((eviction) => {
      if (eviction?.isTaken) worker?.disown();
      if (eviction) stop.abort(eviction.reason);
    });
    try {
      await superviseWorker({
        start: (crashes) => worker = attended(deps.startWorker(restarted(base, crashes, clock)), attendants),
        clock,
        onListening: async () => {
          if (settings.port === 0) await keepPort(deps, port);
          await ownFiles.tellAddress(settings.host, port);
          onListening();
        },
        onCrash: (reason) => reportCrash(deps, reason),
        stop: stop.signal,
      });
    } finally {
      isOver.abort();
      await watching;
    }
  };
  try {
    await (settings.port === 0 ? onFreePort(deps, serveOn) : serveOn(settings.port));
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const { cannotListen } = await import("./cannot_listen.ts");
    throw await cannotListen(deps, error);
  } finally {
    await Promise.all(attendants.map((attendant) => attendant.close()));
    forgetSignals();
  }
}

function attended(worker: RunningWorker, attendants: readonly WorkerAttendant[]): RunningWorker {
  for (const attendant of attendants) attendant.serve(worker);
  return worker;
}

/** The port is chosen before the worker is started, which may listen on this one and no other. */
async function onFreePort(deps: ServerProcessDeps, serveOn: (port: number) => Promise<void>): Promise<void> {
  for (let triesLeft = 3;; triesLeft--) {
    try {
      return await serveOn(deps.freePort(deps.resolved.settings.host));
    } catch (error) {
      const isTaken = error instanceof ListenError && error.reason === "address_in_use";
      if (!isTaken || triesLeft === 1) throw error;
    }
  }
}

function workerReach(
  { resolved, proxiedOrigin }: ServerProcessDeps,
  { port, ownUpstreams, shared }: Pick<WorkerReach, "ownUpstreams" | "shared"> & Pick<Settings, "port">,
): WorkerReach {
  const { managementKey: _, shared: _engine, sharedSecret: _secret, ...more } = resolved.settings;
  const { clientKey: _client, remoteManagementKey: _remote, ...settings } = more;
  return {
    settings: { ...settings, port },
    shared,
    ownUpstreams,
    proxiedOrigins: [settings.upstream, ...ownUpstreams].flatMap((url) => proxiedOrigin(url) ?? []),
  };
}

function workerStart(
  deps: ServerProcessDeps,
  own: ProcessRecord,
  start: WorkerReach & Pick<WorkerStart, "managementKey">,
): WorkerStart {
  return {
    ...start,
    version: deps.version,
    service: { ...own, host: start.settings.host },
    settingsView: describeSettings(deps.resolved),
    mirrorLog: deps.foreground,
    crashes: { count: 0, last: undefined },
  };
}

/** Attempts are numbered from 1 again, and clients tell runs apart by the time of their start. */
function restarted(base: WorkerStart, crashes: Crashes, clock: Clock): WorkerStart {
  if (crashes.count === 0) return base;
  return { ...base, service: { ...base.service, startedAt: new Date(clock.nowMs()).toISOString() }, crashes };
}

async function reportCrash({ log, clock }: ServerProcessDeps, reason: string): Promise<void> {
  const message = `the worker crashed and is started again, requests under way are lost: ${reason}`;
  await log({
    atMs: clock.nowMs(),
    level: "error",
    event: "proxy.worker_restarted",
    message,
    fields: { reason },
  });
}

function stopOnSignals({ processes, exit }: ServerProcessDeps, stop: AbortController): () => void {
  const forget = STOP_SIGNALS.map((name) =>
    processes.onSignal(name, () => {
      if (stop.signal.aborted) exit(signalExitCode("SIGINT"));
      stop.abort(`signal ${name}`);
    })
  );
  // For Deno, which takes it only in a process that was started for that.
  const forgetMemory = processes.onSignal(MEMORY_SIGNAL, () => {});
  return () => [...forget, forgetMemory].forEach((act) => act());
}

// A port that cannot be kept does not stop the proxy: only the next start will have another one.
async function keepPort({ files, resolved, log, clock }: ServerProcessDeps, port: number): Promise<void> {
  try {
    await keepInEnvFile(files, resolved.settings, "port", String(port));
  } catch (error) {
    await log({ atMs: clock.nowMs(), level: "warning", event: "proxy.started", ...failureOf(error) });
  }
}

/** What the next start has to find in `.env`, when the folder was made again. */
async function keepAgain(
  { files, resolved: { settings, sources } }: ServerProcessDeps,
  { port, managementKey }: { readonly port: number; readonly managementKey: Secret },
): Promise<void> {
  const isKept = (key: keyof Settings) => sources[key] === "env_file" || sources[key] === "default";
  if (isKept("managementKey") && await keptManagementKey(files, settings) === undefined) {
    await keepInEnvFile(files, settings, "managementKey", managementKey.reveal());
  }
  if (isKept("port")) await keepInEnvFile(files, settings, "port", String(port));
}

async function reportLoss({ log, clock }: ServerProcessDeps, what: string): Promise<void> {
  const message = `${what} was removed or overwritten; it was written again`;
  await log({ atMs: clock.nowMs(), level: "warning", event: "state.restored", message, fields: {} });
}
