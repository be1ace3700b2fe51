/**
 * The proxy itself, inside its sandbox. This is the one place where its parts are put together: each step opens what the
 * next ones need, and what is open ends in reverse order when the proxy is asked to stop.
 * @module
 */

import { ModelsCache } from "../codex/models_cache.ts";
import { PoolUsage } from "../codex/pool_usage.ts";
import { CodexQuestions } from "../codex/questions.ts";
import { faultEvent, faultText } from "../observability/fault_event.ts";
import { Admission } from "../proxy/admission.ts";
import { Forwarder } from "../proxy/forward.ts";
import type { ManagementPorts } from "../proxy/management.ts";
import { runProber } from "../proxy/prober.ts";
import { ProxyServer } from "../proxy/server.ts";
import { WsRelay } from "../proxy/ws_relay.ts";
import { type ClockMove, OwnClock, wallMs } from "../system/clock.ts";
import { sweptClock } from "../system/swept_clock.ts";
import { hasSpareDescriptors } from "../system/descriptors.ts";
import { ListenError } from "../system/listen.ts";
import { residentBytes } from "../system/memory.ts";
import { onStrayError } from "../system/process.ts";
import { randomRequestId } from "../system/random.ts";
import { systemTerminal } from "../system/terminal.ts";
import { createDial } from "../system/ws_client.ts";
import { Secret } from "../values/secret.ts";
import { about, startedEvent } from "./about.ts";
import { ClientKeyFile } from "./client_key_file.ts";
import { clientPageOf } from "./client_page.ts";
import { clockSetEvent } from "./clock_watch.ts";
import { EventFeed } from "./event_feed.ts";
import { HomeKeeping } from "./home_keeper.ts";
import { Journal } from "./journal.ts";
import { joinShared, movedHome, usedByAll } from "./join_shared.ts";
import { KeyFolder } from "./key_folder.ts";
import { keepLine, keepState } from "./keepers.ts";
import type { LineKeeper } from "./line_keeper.ts";
import { startMemoryWatch } from "./memory_return.ts";
import { RenewalLink } from "./renewal_link.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./sandbox.ts";
import type { SharedPool } from "./shared_pool.ts";
import { TokenHandover } from "./token_handover.ts";
import { UsageQuestions } from "./usage_questions.ts";
import { type WayToUpstream, wayToUpstream } from "./way_to_upstream.ts";
import { workerFiles } from "./worker_files.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

// The first reason to stop counts, whether it comes from the main thread or over the management API.
const stopRequest = Promise.withResolvers<string>();
// Nobody learns the port before the main thread has kept it.
const announceRequest = Promise.withResolvers<void>();

const clock = new OwnClock();
const post = (message: FromWorker) => scope.postMessage(message);
const feed = new EventFeed({ clock, send: (news) => post({ kind: "happened", news }) });
const usageQuestions = new UsageQuestions(clock, (question) => post({ kind: "usage_asked", question }));
const renewals = new RenewalLink(post);
const homes = new HomeKeeping(post);
const handover = new TokenHandover(post, clock);
const { files: bareFiles, disown } = workerFiles();
const files = handover.over(bareFiles);
let saveState = () => {};
let onClockSet = (_setMs: number) => {};

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "start":
      return void run(data.start);
    case "announce":
      return announceRequest.resolve();
    case "save_state":
      return saveState();
    case "disown":
      return disown();
    case "clock_moved":
      return clockMoved(data.move);
    case "stop":
      return stopRequest.resolve(data.reason);
    case "usage_answer":
      return usageQuestions.take(data.id, data.answer);
    case "tokens_handed":
      return handover.take(data);
    case "home_kept":
      return homes.take(data);
    default:
      if (data.kind === "renewal_ended") handover.forget();
      return void renewals.take(data);
  }
};

function clockMoved(move: ClockMove): void {
  clock.move(move);
  if (move.setMs !== 0) onClockSet(move.setMs);
}

async function run(start: WorkerStart): Promise<void> {
  try {
    const reason = await serveUntilStopped(start);
    feed.flush();
    scope.postMessage({ kind: "ended", reason });
  } catch (error) {
    scope.postMessage(
      error instanceof ListenError
        ? { kind: "cannot_listen", failure: error.reason, message: error.message }
        : { kind: "crashed", reason: faultText(error) },
    );
  }
}

/** Resolves with the reason to stop when everything has ended. @throws {@link ListenError} */
async function serveUntilStopped(start: WorkerStart): Promise<string> {
  // Ends from below. Without a port to listen on only the logs are written to their end: the process then ends.
  await using open = new AsyncDisposableStack();
  const journal = open.use(openJournal(start));
  const keys = await openKeys(start, journal);
  feed.connect(keys.pool.wall);
  onClockSet = (setMs) => {
    keys.pool.wall.move(setMs);
    journal.publish(clockSetEvent(setMs, clock.nowMs()));
  };
  const clients = open.use(await ClientKeyFile.open({ ...start, files, clock, publish: journal.publish }));
  const shared = open.use(
    await joinShared(start, {
      keys,
      clock,
      publish: journal.publish,
      keepHome: (login, claim) => homes.keep(login, claim),
      renew: (record) => renewals.askFor(record),
      countWith: (count) => feed.countWith(count),
    }),
  );
  const { refresh: renewsHere } = start.settings;
  if (renewsHere || shared) {
    renewals.connect({ keys, publish: journal.publish, clock, renewsHere, shared });
  }
  const way = wayToUpstream(start, sweptClock(clock));
  const line = open.use(keepLine(start, keys.pool, { files, clock }));
  const server = startServer(start, { journal, keys, clients, way, shared, line });
  onStrayError((error) => journal.publish(faultEvent(error, clock.nowMs())));
  scope.postMessage({ kind: "listening", port: server.port });
  await Promise.race([announceRequest.promise, stopRequest.promise]);
  const kept = { files, clock, publish: journal.publish };
  saveState = open.use(keepState(start, keys.pool, { ...kept, port: server.port })).save;
  open.defer(async () => {
    await server.drain();
    publishReason(journal, "proxy.stopped", "stopped", await stopRequest.promise);
  });
  open.use(startProber(keys, way));
  const returnMemory = () => post({ kind: "return_memory" });
  open.use(startMemoryWatch({ clock, journal, server, residentBytes, returnMemory }));
  open.use(keys);
  journal.publish(startedEvent(start, server.port, clock.nowMs()));
  const reason = await stopRequest.promise;
  publishReason(journal, "proxy.shutdown_requested", `shutting down: ${reason}`, reason);
  return reason;
}

function openJournal({ settings, managementKey, mirrorLog }: WorkerStart): Journal {
  return new Journal({
    ...settings,
    files,
    clock,
    managementKey: new Secret(managementKey),
    feed: feed.take,
    mirror: mirrorLog ? (line) => systemTerminal.err(`${line}\n`) : undefined,
  });
}

function openKeys({ settings, ownUpstreams }: WorkerStart, journal: Journal): Promise<KeyFolder> {
  const { authDir } = settings;
  return KeyFolder.open({ files, clock, authDir, reachable: ownUpstreams, policy: settings, journal });
}

interface Parts {
  readonly journal: Journal;
  readonly keys: KeyFolder;
  readonly server: ProxyServer;
  readonly shared: SharedPool | undefined;
  readonly line: LineKeeper;
}

/** Listens. @throws {@link ListenError} */
function startServer(
  start: WorkerStart,
  { journal, keys, clients, way, shared, line }: Omit<Parts, "server"> & {
    readonly clients: ClientKeyFile;
    readonly way: WayToUpstream;
  },
): ProxyServer {
  const { settings } = start;
  const { publish, metrics } = journal;
  const { pool } = keys;
  const { upstreams, upstreams: { main: upstream }, link, linkTo } = way;
  const forwarding = { pool, live: journal.live, publish, rules: settings };
  const forwarder = new Forwarder({ ...forwarding, upstreams, linkTo });
  const ownAnswers = new CodexQuestions({
    upstream,
    clock,
    models: new ModelsCache({ upstream, clock, forward: (request) => forwarder.forward(request) }),
    pool,
    poolUsage: new PoolUsage({ ...way, ...link, upstream, pool, onUsage: pool.noteUsage.bind(pool) }),
  });
  const dial = settings.webSocket === "auto"
    ? createDial({ clock, connectTimeoutMs: settings.connectTimeoutMs, tunnelTo: way.tunnelTo })
    : undefined;
  const onAccepted = ownAnswers.noteForwarded.bind(ownAnswers);
  const webSockets = new WsRelay({ ...forwarding, ...way, dial, onAccepted });
  const server = new ProxyServer({
    settings,
    webSockets,
    clock: link.clock,
    publish,
    admission: new Admission({ hasSpare: hasSpareDescriptors, clock }),
    newRequestId: randomRequestId,
    clientKeys: () => clients.keys,
    clientPage: () => clientPageOf({ ...start, pool, upstream, nowMs: clock.nowMs() }),
    onWrongKey: (kind) => metrics.addWrongKey(kind),
    forwarder,
    ownAnswers,
    onAnswer: (status) => metrics.addAnswer(status),
  });
  server.listen(managementPorts(start, { journal, keys, server, shared, line }));
  return server;
}

function managementPorts(
  start: WorkerStart,
  { journal, keys, server, shared, line }: Parts,
): ManagementPorts {
  const { settings, managementKey, version, service } = start;
  const { pool } = keys;
  return {
    managementKey,
    pool,
    policy: settings,
    trace: journal.trace,
    live: journal.live,
    metrics: () =>
      journal.metrics.render({
        keys: pool.wall.describe(clock.nowMs()),
        inFlight: server.inFlight,
        webSockets: server.webSockets,
        shared: shared?.page(),
        droppedLines: journal.droppedLines,
        version,
        startedMs: Date.parse(service.startedAt),
      }, wallMs(clock)),
    about: () => about(start, server, shared?.page() ?? null),
    listing: () => keys.listing,
    noteAsked: () => line.noteAsked(),
    refresh: () => keys.refresh(),
    usage: (query) => usageQuestions.ask(query),
    poolUsage: (query) => usedByAll(shared, query),
    moveHome: (file, isForced) => movedHome(shared, file, isForced),
    requestShutdown: () => stopRequest.resolve("requested over the management API"),
    nowMs: () => clock.nowMs(),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}

/** Ends without waiting for the trials that are under way. */
function startProber({ pool }: KeyFolder, { upstreams, link, userAgent }: WayToUpstream): Disposable {
  const probing = new AbortController();
  const options = { ...link, pool, upstreams, userAgent, randomId: randomRequestId };
  void runProber(options, probing.signal);
  return { [Symbol.dispose]: () => probing.abort() };
}

function publishReason(
  { publish }: Journal,
  event: "proxy.shutdown_requested" | "proxy.stopped",
  message: string,
  reason: string,
): void {
  publish({ atMs: clock.nowMs(), level: "info", event, message, fields: { reason } });
}
