/**
 * Runs the proxy in this process: gives its main thread everything that it needs.
 * @module
 */

import { isProxied } from "../config/http_proxy.ts";
import { runtimePaths } from "../config/paths.ts";
import { openServiceLog } from "../observability/service_log.ts";
import { exitProcess } from "../system/process.ts";
import { randomKey } from "../system/random.ts";
import type { ServiceDeps } from "./observe.ts";
import { startWorker } from "./sandbox.ts";
import { runServer } from "./server_process.ts";

const MANAGEMENT_KEY_BYTES = 24;

/** Resolves with the exit code when the proxy has stopped. With `foreground` errors are thrown, else logged. */
export async function serve(
  { files, processes, clock, env, resolved, version }: ServiceDeps,
  { foreground }: { readonly foreground: boolean },
): Promise<number> {
  const { authDir, logMaxBytes, upstream } = resolved.settings;
  const { logFile } = runtimePaths(authDir);
  const log = openServiceLog({ files, clock, path: logFile, maxBytes: logMaxBytes });
  return await runServer({
    files,
    processes,
    clock,
    resolved,
    version,
    upstreamThroughProxy: isProxied(upstream, env),
    foreground,
    newManagementKey: () => randomKey(MANAGEMENT_KEY_BYTES),
    startWorker,
    log: async (event) => {
      log.publish(event);
      await log.flush();
    },
    exit: exitProcess,
  });
}
