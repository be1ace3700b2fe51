/**
 * Runs the proxy in this process: passes its main thread everything that it needs.
 * @module
 */

import { runtimePaths } from "../config/paths.ts";
import type { ResolvedSettings } from "../config/settings.ts";
import { openServiceLog } from "../observability/service_log.ts";
import { startWorker } from "../runtime/sandbox.ts";
import { runServer } from "../runtime/server_process.ts";
import { exitProcess } from "../system/process.ts";
import { randomKey } from "../system/random.ts";
import { isProxied } from "../config/http_proxy.ts";
import { VERSION } from "./version.ts";
import type { World } from "./world.ts";

const MANAGEMENT_KEY_BYTES = 24;

/** Resolves with the exit code when the proxy has stopped. With `foreground` errors are thrown, else logged. */
export async function serve(
  { files, processes, clock, env }: World,
  resolved: ResolvedSettings,
  { foreground }: { foreground: boolean },
): Promise<number> {
  const { authDir, logMaxBytes, upstream } = resolved.settings;
  const { logFile } = runtimePaths(authDir);
  const log = openServiceLog({ files, clock, path: logFile, maxBytes: logMaxBytes });
  return await runServer({
    files,
    processes,
    clock,
    resolved,
    version: VERSION,
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
