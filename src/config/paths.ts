/**
 * The paths of the files that the proxy keeps in the auth dir, and of the file where Codex keeps its login.
 * @module
 */

/** The proxy's own files in the auth dir. */
export interface RuntimePaths {
  /** The process id of the running proxy, for users and scripts. */
  readonly pidFile: string;
  /** The address of the last run, and the penalties of its keys. */
  readonly stateFile: string;
  /** Which key each session and each id belongs to, as hashes. */
  readonly sessionsFile: string;
  /** What `cdx2 all --line` says, for a minute. */
  readonly lineFile: string;
  /** Locked by the running proxy until its process ends. */
  readonly lockFile: string;
  /** Locked by a command while it changes an auth file, and by every other writer of one. */
  readonly writersLockFile: string;
  /** The keys of clients, as hashes. */
  readonly clientsFile: string;
  /** The service log. */
  readonly logFile: string;
  /** The event log, JSON lines. */
  readonly eventsFile: string;
  /** The usage history, an SQLite database. The main thread writes it. */
  readonly usageFile: string;
}

const OWN_PREFIX = "rr_proxy_v2.";

/** Whether a name in the auth dir is that of one of the proxy's own files. */
export function isOwnFileName(name: string): boolean {
  return name.startsWith(OWN_PREFIX);
}

/** The paths of the proxy's own files in `authDir`, which may have slashes at its end. */
export function runtimePaths(authDir: string): RuntimePaths {
  const base = `${authDir.replace(/\/+$/, "")}/${OWN_PREFIX}`;
  return {
    pidFile: `${base}pid`,
    stateFile: `${base}state.json`,
    sessionsFile: `${base}sessions.json`,
    lineFile: `${base}line.json`,
    lockFile: `${base}lock`,
    writersLockFile: `${base}writers.lock`,
    clientsFile: `${base}clients.json`,
    logFile: `${base}log`,
    eventsFile: `${base}events.jsonl`,
    usageFile: `${base}usage.sqlite`,
  };
}

/** What the worker adds to the name of a file that it is about to replace. */
export const WORKER_TEMPORARY = ".worker.tmp";

/** What is added to the name of a file of an earlier run that cannot be used. */
export const SET_ASIDE = ".set-aside";

/**
 * The files that the worker writes: what a fault in it could change. None of them decides which upstream the next start
 * uses, which keys there are, or who holds the lock.
 */
export function writtenByWorker(authDir: string): readonly string[] {
  const { stateFile, sessionsFile, lineFile, logFile, eventsFile } = runtimePaths(authDir);
  const kept = [stateFile, sessionsFile]
    .flatMap((path) => [path, path + WORKER_TEMPORARY, path + SET_ASIDE]);
  const logs = [logFile, eventsFile].flatMap((path) => [path, `${path}.1`, `${path}.2`]);
  return [...kept, lineFile, lineFile + WORKER_TEMPORARY, ...logs];
}

/** The file with Codex's own login; Codex can also be set to keep its login in the system's keyring. */
export function codexAuthFile(env: Readonly<Record<string, string>>, homeFolder: string): string {
  return `${codexHome(env, homeFolder)}/auth.json`;
}

/** The file with the settings of Codex: of the CLI, the IDE extension and the desktop app alike. */
export function codexConfigFile(env: Readonly<Record<string, string>>, homeFolder: string): string {
  return `${codexHome(env, homeFolder)}/config.toml`;
}

/** The folder with the chats that Codex has stored, by day. */
export function codexSessionsFolder(env: Readonly<Record<string, string>>, homeFolder: string): string {
  return `${codexHome(env, homeFolder)}/sessions`;
}

function codexHome(env: Readonly<Record<string, string>>, homeFolder: string): string {
  return env["CODEX_HOME"] || `${homeFolder}/.codex`;
}

/**
 * The folder with locks and notes about renewals. It is one for each user and not in the auth dir: copies of an auth dir
 * hold the same refresh tokens, and none of these may be sent twice.
 */
export function renewalFolder(env: Readonly<Record<string, string>>, homeFolder: string): string {
  const state = env["XDG_STATE_HOME"];
  // A relative path is to be ignored (XDG Base Directory Specification).
  return `${state?.startsWith("/") ? state.replace(/\/+$/, "") : `${homeFolder}/.local/state`}/cdx2/refresh`;
}
