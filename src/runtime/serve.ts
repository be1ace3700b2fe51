/**
 * Runs the proxy in this process: gives its main thread everything that it needs.
 * @module
 */

import { isProxied } from "../config/http_proxy.ts";
import { runtimePaths } from "../config/paths.ts";
import type { ProxyEvent } from "../observability/event.ts";
import { openServiceLog } from "../observability/service_log.ts";
import { freePort } from "../system/http.ts";
import { exitProcess, onStrayError } from "../system/process.ts";
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
  const write = async (event: ProxyEvent) => {
    log.publish(event);
    await log.flush();
  };
  onStrayError((error) => void write(strayEvent(error, clock.nowMs())));
  // In the background, it was raised before the start.
  if (foreground) await processes.raiseDescriptorLimit();
  return await runServer({
    files,
    processes,
    clock,
    resolved,
    version,
    upstreamThroughProxy: isProxied(upstream, env),
    foreground,
    newManagementKey: () => randomKey(MANAGEMENT_KEY_BYTES),
    freePort,
    startWorker: (start) => startWorker(start),
    log: write,
    exit: exitProcess,
  });
}

/** A fault in the main thread, which would end the process if nobody took it. */
function strayEvent(error: unknown, atMs: number): ProxyEvent {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { atMs, level: "error", event: "proxy.error", message: `unexpected: ${reason}`, fields: {} };
}
