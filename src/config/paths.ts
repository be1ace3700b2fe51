// Names of the files that the proxy keeps in the auth dir.

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
