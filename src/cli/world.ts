/**
 * Everything outside the program that commands use. Tests pass another world.
 * @module
 */

import { type Clock, systemClock } from "../system/clock.ts";
import { type Files, systemFiles } from "../system/files.ts";
import { impatientFiles } from "../system/impatient_files.ts";
import { type OpenGrowing, openGrowing } from "../system/growing_file.ts";
import { type OpenDatabase, openSystemDatabase } from "../system/database.ts";
import { createSend, type Send } from "../system/http.ts";
import type { Listen } from "../system/http_server.ts";
import {
  currentFolder,
  type Environment,
  environment,
  homeFolder,
  type Processes,
  setEnvironment,
  systemProcesses,
} from "../system/process.ts";
import { type PlainGet, plainGet } from "../system/plain_get.ts";
import { type Platform, systemPlatform } from "../system/platform.ts";
import { type OpenScreen, openScreen } from "../system/screen.ts";
import { systemTerminal, type Terminal } from "../system/terminal.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { lateKeptFiles, lateKeyring } from "../keyring/late.ts";
import { directTo, directToLoopback, proxyVariable } from "../config/http_proxy.ts";

// A disk that has to spin up, or a busy one that syncs, takes a few seconds.
const DISK_TIMEOUT_MS = 10_000;
// A user may have to type a password; without one, a keyring answers at once. A start of the proxy waits for 10 s.
const ASKED_KEYRING_TIMEOUT_MS = 60_000;
const KEYRING_TIMEOUT_MS = 4_000;
// A third of the time for an answer of the issuer, or less.
const ONCE_CONNECT_TIMEOUT_MS = 15_000;

/** The world of one command line. */
export interface World {
  readonly terminal: Terminal;
  readonly openScreen: OpenScreen;
  /** With the tokens of auth files that are in the keyring. */
  readonly files: Files;
  readonly keyring: Keyring;
  readonly openGrowing: OpenGrowing;
  readonly openDatabase: OpenDatabase;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly env: Environment;
  /** What `~` stands for. */
  readonly homeFolder: string;
  readonly platform: Platform;
  /** The current folder, which relative paths start from. */
  readonly cwd: string;
  /** Sends to `host` and to loopback directly, past every HTTP proxy. */
  readonly sendTo: (host: string) => Send;
  /** Asks a proxy on this machine; `undefined`: `sendTo` does all of it. */
  readonly plainGet: PlainGet | undefined;
  /** Sends to the upstream, through the HTTP proxy that the environment names for it. */
  readonly sendOut: () => Send;
  /** The same for what may be sent only once: it fails as not sent where no connection opens. */
  readonly sendOnce: () => Send;
  /** Resolves with what makes a server on this machine, for the time of one command. */
  readonly listen: () => Promise<Listen>;
}

/** The real world. Reads the environment once. */
export function systemWorld(): World {
  const env = environment();
  const direct = directToLoopback(env);
  setAll(direct);
  // Waiting for a lost proxy asks for this many times, and each client holds connections.
  const sends = new Map<string, Send>();
  const files = impatientFiles(systemFiles, systemClock, DISK_TIMEOUT_MS);
  const isWatched = systemTerminal.errIsTerminal && systemTerminal.inIsTerminal;
  const platform = systemPlatform();
  const keyring = lateKeyring(async () => {
    const { systemKeyring } = await import("../keyring/keyring.ts");
    const timeoutMs = isWatched ? ASKED_KEYRING_TIMEOUT_MS : KEYRING_TIMEOUT_MS;
    return systemKeyring(platform.system, systemClock, timeoutMs);
  });
  return {
    terminal: systemTerminal,
    openScreen,
    files: lateKeptFiles(files, keyring),
    keyring,
    openGrowing,
    openDatabase: openSystemDatabase,
    processes: systemProcesses,
    clock: systemClock,
    env,
    homeFolder: homeFolder(env),
    platform,
    cwd: currentFolder(),
    sendTo: (host) => {
      setAll(directTo(host, direct));
      // Made for the first request: most commands have none that `plainGet` does not answer.
      return (request) => sends.getOrInsertComputed(host, () => createSend())(request);
    },
    plainGet,
    sendOut: createSend,
    sendOnce: () => {
      const send = createSend();
      const isProxied = (url: string) => proxyVariable(url, env) !== undefined;
      const options = { clock: systemClock, connectTimeoutMs: ONCE_CONNECT_TIMEOUT_MS, isProxied };
      return async (request) => {
        // Few commands need what opens connections.
        const { sendOnce } = await import("../system/send_once.ts");
        return await sendOnce(send, options)(request);
      };
    },
    listen: async () => (await import("../system/http_server.ts")).serve,
  };
}

// A client reads the variables when it is created, in the proxy's worker too.
function setAll(variables: Environment): void {
  for (const [name, value] of Object.entries(variables)) setEnvironment(name, value);
}
