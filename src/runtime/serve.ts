/**
 * Runs the proxy in this process: gives its main thread everything that it needs.
 * @module
 */

import { proxiedOrigin } from "../config/http_proxy.ts";
import { KeyFileLoader } from "../auth/store.ts";
import { renewalFolder, runtimePaths } from "../config/paths.ts";
import type { RenewalMarks } from "../credentials/renewal_marks.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { ProxyEvent } from "../observability/event.ts";
import { faultEvent } from "../observability/fault_event.ts";
import { openServiceLog } from "../observability/service_log.ts";
import { readClocks } from "../system/clock.ts";
import { freePort } from "../system/listen.ts";
import { returnMemory } from "../system/memory.ts";
import { machineName } from "../system/platform.ts";
import { exitProcess } from "../system/own_run.ts";
import { homeFolder, onStrayError } from "../system/process.ts";
import { randomKey } from "../system/random.ts";
import type { ServiceDeps } from "./observe.ts";
import { type BootedWorker, bootWorker, startWorker } from "./sandbox.ts";
import { runServer } from "./server_process.ts";

const MANAGEMENT_KEY_BYTES = 24;

/** What serving needs of a command. */
export type ServedDeps = Omit<ServiceDeps, "connect" | "startManaged">;

/** Resolves with the exit code when the proxy has stopped. With `foreground` errors are thrown, else logged. */
export async function serve(
  { files, processes, clock, env, resolved, version }: ServedDeps,
  { foreground, keyring }: { readonly foreground: boolean; readonly keyring: Pick<Keyring, "forget"> },
): Promise<number> {
  const { settings } = resolved;
  const { authDir, logMaxBytes } = settings;
  const { logFile } = runtimePaths(authDir);
  const log = openServiceLog({ files, clock, path: logFile, maxBytes: logMaxBytes });
  const write = async (event: ProxyEvent) => {
    log.publish(event);
    await log.flush();
  };
  onStrayError((error) => void write(faultEvent(error, clock.nowMs())));
  // In the background, it was raised before the start.
  if (foreground) await processes.raiseDescriptorLimit();
  const loader = new KeyFileLoader({ files, authDir });
  const marksOnce = once(async (): Promise<RenewalMarks> => {
    const { RenewalMarks } = await import("../credentials/renewal_marks.ts");
    return new RenewalMarks(files, renewalFolder(env, homeFolder(env)));
  });
  let booted: BootedWorker | undefined;
  return await runServer({
    files,
    processes,
    clock,
    readClocks,
    resolved,
    version,
    proxiedOrigin: (url) => proxiedOrigin(url, env),
    foreground,
    newManagementKey: () => randomKey(MANAGEMENT_KEY_BYTES),
    shared: async () => {
      if (settings.shared === undefined) return undefined;
      const { sharedStart } = await import("./shared_start.ts");
      const { homes } = await marksOnce();
      return await sharedStart({ files, homes, env, machineName: machineName() }, settings);
    },
    freePort,
    attendants: async () => {
      const { attendantsOf } = await import("./attendants.ts");
      const marks = await marksOnce();
      return attendantsOf({ files, processes, clock, env, resolved, marks, keyring, loader, log: write });
    },
    bootWorker: (reach) => void (booted = bootWorker(reach)),
    startWorker: (start) => {
      const ready = booted;
      booted = undefined;
      return startWorker(start, {
        booted: ready,
        returnMemory,
        handTokens: async (wanted) => {
          const { handTokens } = await import("./token_handover.ts");
          return await handTokens({ files, authDir }, wanted);
        },
      });
    },
    log: write,
    exit: exitProcess,
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
