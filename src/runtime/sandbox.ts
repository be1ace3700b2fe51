/**
 * The narrow room of the network-facing code: a worker that may talk to the upstream, listen on its address, use the
 * auth dir, and nothing else. It gets no environment and can start no program.
 * @module
 */

import type { Settings } from "../config/settings.ts";
import { UserError } from "../values/user_error.ts";
import type { Debug } from "../api/debug.ts";
import { ListenError, type ListenFailure } from "../system/http.ts";
import type { ServiceRecord } from "./process_record.ts";

/** All that the worker needs; it crosses over as a copy, so the key goes as plain text. */
export interface WorkerStart {
  readonly settings: Omit<Settings, "managementKey">;
  readonly managementKey: string;
  readonly version: string;
  readonly service: Omit<ServiceRecord, "port">;
  /** For `/debug`. */
  readonly settingsView: Debug["settings"];
  /** True when HTTP_PROXY or HTTPS_PROXY leads to the upstream: then its address is not ours to reach. */
  readonly upstreamThroughProxy: boolean;
  /** Log lines also go to standard error. */
  readonly mirrorLog: boolean;
}

export type ToWorker =
  | { readonly kind: "start"; readonly start: WorkerStart }
  | { readonly kind: "stop"; readonly reason: string };

export type FromWorker =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "cannot_listen"; readonly failure: ListenFailure; readonly message: string }
  | { readonly kind: "ended"; readonly reason: string };

export interface RunningWorker {
  /** Rejects with a {@link ListenError}, or a {@link UserError} when the worker crashed before. */
  readonly listening: Promise<{ readonly port: number }>;
  /** After a stop, `/shutdown` or a crash; then the reason begins with `crashed: `. */
  readonly ended: Promise<{ readonly reason: string }>;
  stop(reason: string): void;
}

export function startWorker(start: WorkerStart): RunningWorker {
  const listening = Promise.withResolvers<{ port: number }>();
  const ended = Promise.withResolvers<{ reason: string }>();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: permissionsFor(start) },
  });
  const crash = (reason: string) => {
    listening.reject(new UserError(`Cannot start the proxy: ${reason}`));
    ended.resolve({ reason: `crashed: ${reason}` });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    crash(event.message);
  };
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "listening") return listening.resolve({ port: data.port });
    if (data.kind === "ended") return ended.resolve({ reason: data.reason });
    listening.reject(new ListenError(data.failure, data.message));
  };
  // A start that failed is told by `listening`; whoever only waits for the end must not see it as unhandled.
  listening.promise.catch(() => {});
  worker.postMessage({ kind: "start", start } satisfies ToWorker);
  return {
    listening: listening.promise,
    ended: ended.promise.finally(() => worker.terminate()),
    stop: (reason) => worker.postMessage({ kind: "stop", reason } satisfies ToWorker),
  };
}

const NOTHING_ELSE = { env: false, run: false, sys: false, ffi: false, import: false } as const;

/** What the worker may do: names and ports exactly as it will use them. */
export function permissionsFor({ settings }: Pick<WorkerStart, "settings">) {
  const { authDir, host, port, upstream } = settings;
  const url = new URL(upstream);
  const upstreamPort = url.port || (url.protocol === "https:" ? "443" : "80");
  const listenHost = host.includes(":") ? `[${host}]` : host;
  return {
    net: [`${url.hostname}:${upstreamPort}`, `${listenHost}:${port}`],
    read: [authDir],
    write: [authDir],
    ...NOTHING_ELSE,
  };
}
