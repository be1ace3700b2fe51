/**
 * Names of the files that the proxy keeps in the auth dir, and of the one where Codex keeps its login.
 * @module
 */

export interface RuntimePaths {
  readonly pidFile: string;
  readonly stateFile: string;
  /** Held by the running proxy process for as long as it lives. */
  readonly lockFile: string;
  readonly logFile: string;
  readonly eventsFile: string;
}

export function runtimePaths(authDir: string): RuntimePaths {
  const base = `${authDir.replace(/\/+$/, "")}/rr_proxy_v2`;
  return {
    pidFile: `${base}.pid`,
    stateFile: `${base}.state.json`,
    lockFile: `${base}.lock`,
    logFile: `${base}.log`,
    eventsFile: `${base}.events.jsonl`,
  };
}

/** Codex's own login, unless Codex was told to keep it in the system's keyring. */
export function codexAuthFile(env: Readonly<Record<string, string>>, homeFolder: string): string {
  return `${env["CODEX_HOME"] || `${homeFolder}/.codex`}/auth.json`;
}
