/**
 * The proxy itself, inside its sandbox. This is the one place where its parts are put together.
 * @module
 */

import { KeyPool } from "../auth/rotation.ts";
import { Secret } from "../values/secret.ts";
import { type AuthListing, watchAuthDir } from "../auth/store.ts";
import { runtimePaths } from "../config/paths.ts";
import type { ProxyEvent, Publish } from "../observability/event.ts";
import { openEventLog } from "../observability/event_log.ts";
import { Metrics } from "../observability/metrics.ts";
import { createRedactor } from "../observability/redact.ts";
import { openServiceLog, serviceLine } from "../observability/service_log.ts";
import { TraceStore } from "../observability/trace_store.ts";
import { CodexQuestions } from "../codex/questions.ts";
import { Forwarder } from "../proxy/forward.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import { keyEvent } from "../observability/key_events.ts";
import type { ManagementPorts } from "../proxy/management.ts";
import { ModelsCache } from "../codex/models_cache.ts";
import { PoolUsage } from "../codex/pool_usage.ts";
import { runProber } from "../proxy/prober.ts";
import { Upstream } from "../upstream/upstream.ts";
import { ProxyServer } from "../proxy/server.ts";
import { systemClock as clock } from "../system/clock.ts";
import { systemFiles as files } from "../system/files.ts";
import { canConnect, createSend, ListenError } from "../system/http.ts";
import { randomRequestId } from "../system/random.ts";
import { systemTerminal } from "../system/terminal.ts";
import { serviceUrl } from "../config/address.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./sandbox.ts";
import { readSavedKeys, restoreKeys, StateKeeper } from "./state_keeper.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

let running: Promise<RunningProxy | undefined> | undefined;

scope.onmessage = async ({ data }) => {
  if (data.kind === "start") running = startProxy(data.start).catch(reportListenError);
  else await (await running)?.stop(data.reason);
};

interface RunningProxy {
  /** Lets running streams end, then tells the main thread that all is over. */
  stop(reason: string): Promise<void>;
}

async function startProxy(start: WorkerStart): Promise<RunningProxy> {
  const { settings } = start;
  const { stateFile } = runtimePaths(settings.authDir);
  const { publish, trace, metrics, droppedLines, flush } = observe(
    start,
    () => pool.records,
  );
  let saveState = () => {};
  const pool = new KeyPool(settings, (change) => {
    const event = keyEvent(change, clock.nowMs());
    if (event) publish(event);
    saveState();
  });
  const keys = await loadKeys({ pool, authDir: settings.authDir, stateFile, publish });

  const upstream = new Upstream(settings.upstream);
  const send = createSend();
  const link: UpstreamLink = {
    send,
    clock,
    canConnect: start.upstreamThroughProxy
      ? undefined
      : (timeoutMs) => canConnect(upstream.origin, timeoutMs),
    timeouts: settings,
  };
  const forwarder = new Forwarder({ upstream, link, pool, publish, rules: settings });
  const userAgent = `cdx2/${start.version}`;
  const asking = { pool, upstream, send, clock, userAgent };
  const ownAnswers = new CodexQuestions({
    upstream,
    clock,
    models: new ModelsCache({ upstream, clock, forward: (request) => forwarder.forward(request) }),
    poolUsage: new PoolUsage({ ...asking, onUsage: pool.noteUsage.bind(pool) }),
  });
  const server = new ProxyServer({
    settings,
    clock,
    publish,
    newRequestId: randomRequestId,
    forwarder,
    ownAnswers,
    onAnswer: (status) => metrics.addAnswer(status),
  });
  const management: ManagementPorts = {
    managementKey: start.managementKey,
    pool,
    policy: settings,
    trace,
    metrics: () =>
      metrics.render({
        keys: pool.describe(clock.nowMs()),
        inFlight: server.inFlight,
        droppedLines: droppedLines(),
        version: start.version,
        startedMs: Date.parse(start.service.startedAt),
      }),
    about: () => about(start, server),
    listing: keys.listing,
    refresh: keys.refresh,
    requestShutdown: () => void stop("requested over the management API"),
    nowMs: clock.nowMs,
    sleep: clock.sleep,
  };
  server.listen(management);
  const { port } = server;
  const keeper = new StateKeeper({ files, clock, stateFile, pool, publish }, { ...start.service, port });
  saveState = () => keeper.save();
  saveState();
  const probing = new AbortController();
  void runProber({ ...asking, randomId: randomRequestId }, probing.signal);
  publish({
    atMs: clock.nowMs(),
    level: "info",
    event: "proxy.started",
    message: `listening on ${serviceUrl(settings.host, port)}`,
    fields: { pid: start.service.pid, port },
  });
  scope.postMessage({ kind: "listening", port });

  let stopping: Promise<void> | undefined;
  const stop = (reason: string) => stopping ??= drainAndEnd(reason);
  async function drainAndEnd(reason: string): Promise<void> {
    publish({
      atMs: clock.nowMs(),
      level: "info",
      event: "proxy.shutdown_requested",
      message: `shutting down: ${reason}`,
      fields: { reason },
    });
    keys.stopWatching();
    probing.abort();
    await server.drain();
    publish({
      atMs: clock.nowMs(),
      level: "info",
      event: "proxy.stopped",
      message: "stopped",
      fields: { reason },
    });
    await Promise.all([flush(), keeper.flush()]);
    scope.postMessage({ kind: "ended", reason });
  }
  return { stop };
}

function reportListenError(error: unknown): undefined {
  if (!(error instanceof ListenError)) throw error;
  scope.postMessage({ kind: "cannot_listen", failure: error.reason, message: error.message });
}

/** Fills the pool from the auth dir, with the penalties of an earlier run, and keeps it as the folder is. */
async function loadKeys(
  { pool, authDir, stateFile, publish }: {
    pool: KeyPool;
    authDir: string;
    stateFile: string;
    publish: Publish;
  },
) {
  let listing: AuthListing = { records: [], rejected: [] };
  const watch = watchAuthDir({
    files,
    clock,
    authDir,
    onChange: (changed) => {
      listing = changed;
      pool.merge(changed.records, clock.nowMs());
      const files = changed.rejected.map(({ file }) => file);
      publish({
        atMs: clock.nowMs(),
        level: "info",
        event: "auth.loaded",
        message: `${changed.records.length} keys loaded, ${files.length} auth files rejected`,
        fields: { keys: changed.records.length, ...(files.length > 0 ? { rejected: files } : {}) },
      });
    },
    onProblem: (message) =>
      publish({ atMs: clock.nowMs(), level: "error", event: "auth.loaded", message, fields: {} }),
  });
  const [saved] = await Promise.all([readSavedKeys({ files, clock, stateFile, publish }), watch.refresh()]);
  restoreKeys(pool, listing.records, saved);
  return { listing: () => listing, refresh: () => watch.refresh(), stopWatching: () => watch.stop() };
}

/** Where events go: through one redaction into the ring, the metrics and both logs. */
function observe(start: WorkerStart, keys: () => KeyPool["records"]) {
  const { settings: { authDir, traceMax, logMaxBytes: maxBytes }, managementKey, mirrorLog } = start;
  const paths = runtimePaths(authDir);
  const key = new Secret(managementKey);
  const redact = createRedactor(() => [key, ...keys().map(({ token }) => token)]);
  const trace = new TraceStore(traceMax);
  const metrics = new Metrics();
  const events = openEventLog({ files, clock, path: paths.eventsFile, maxBytes });
  const log = openServiceLog({ files, clock, path: paths.logFile, maxBytes });
  const publish = (event: ProxyEvent) => {
    const clean = redact(event);
    trace.add(clean);
    metrics.add(clean);
    events.publish(clean);
    log.publish(clean);
    if (mirrorLog) systemTerminal.err(`${serviceLine(clean)}\n`);
  };
  const droppedLines = () => ({ events: events.dropped, service: log.dropped });
  return {
    publish,
    trace,
    metrics,
    droppedLines,
    flush: () => Promise.all([events.flush(), log.flush()]),
  };
}

function about(
  { settings, service, settingsView, version }: WorkerStart,
  server: ProxyServer,
): ReturnType<ManagementPorts["about"]> {
  const { port } = server;
  return {
    status: server.isDraining ? "shutting_down" : "running",
    host: settings.host,
    port,
    base_url: serviceUrl(settings.host, port),
    auth_dir: settings.authDir,
    upstream_base_url: settings.upstream,
    log_request_preview: false,
    management_key_required: true,
    trace_max: settings.traceMax,
    pid: service.pid,
    event_log_file: runtimePaths(settings.authDir).eventsFile,
    version,
    started_at: service.startedAt,
    settings: settingsView,
  };
}
