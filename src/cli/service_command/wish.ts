/**
 * What is wanted of a manager that starts the proxy at each login, and what it takes to have it.
 * @module
 */

import type { Platform } from "../../system/platform.ts";

/** A program and its arguments. */
export type CommandLine = readonly [string, ...string[]];

/** What the manager is to run. */
export interface Wish {
  readonly platform: Platform;
  readonly env: Readonly<Record<string, string>>;
  readonly homeFolder: string;
  readonly authDir: string;
  readonly envFile: string;
  /** Folders outside of the auth dir that the proxy writes to. */
  readonly writes: readonly string[];
  /** How long running responses get at a stop, in seconds. */
  readonly drainSeconds: number;
  /** Variables for the proxy. */
  readonly variables: Readonly<Record<string, string>>;
  /** In the notation of systemd, such as `1G`; `undefined` for no limit. */
  readonly memoryMax: string | undefined;
  /** Whether the proxy is locked in as far as the manager can. */
  readonly isHardened: boolean;
}

/** The proxy as a service of the user's own manager. */
export interface Autostart {
  /** The manager's name, for the user. */
  readonly manager: string;
  /** The file that it reads. */
  readonly file: string;
  readonly text: string;
  /** The auth dir as the file has it: one for another auth dir does not have it. */
  readonly authDirInText: string;
  /** After the file was written: from now on it is started at each login. */
  readonly enable: readonly CommandLine[];
  /** Before the file is removed: it is stopped, and not started any more. */
  readonly disable: readonly CommandLine[];
  /** After the file was removed. */
  readonly forget: readonly CommandLine[];
  readonly start: CommandLine;
  /** Succeeds while the manager runs it. */
  readonly isActive: CommandLine;
  /** Shows the last lines of its output; `undefined` when the manager keeps none. */
  readonly logs: ((lines: number, follow: boolean) => CommandLine) | undefined;
  /** What the user should know; usually nothing. */
  readonly notes: readonly string[];
}

/** The command line of the proxy: in the foreground, because the manager restarts it. */
export function proxyCommandLine({ platform, authDir }: Wish): CommandLine {
  return [...platform.self, "proxy", "--foreground", "--auth-dir", authDir];
}

// More than running responses get: the proxy ends by itself, and a kill would be one in the middle of an answer.
const STOP_RESERVE_SECONDS = 15;

/** How long the manager waits at a stop before it kills the proxy. */
export function stopSeconds({ drainSeconds }: Wish): number {
  return drainSeconds + STOP_RESERVE_SECONDS;
}

/** The variables of the proxy, with the env file when it is not where the auth dir says. */
export function proxyVariables({ authDir, envFile, variables }: Wish): Readonly<Record<string, string>> {
  return { ...(envFile === `${authDir}/.env` ? {} : { CLIPROXY_ENV_FILE: envFile }), ...variables };
}
