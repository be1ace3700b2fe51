// A machine on which the service's commands run: files, processes, time, and services that answer over HTTP as the
// real one does, but without a socket.

import { runtimePaths } from "../../src/config/paths.ts";
import { type Given, type ResolvedSettings, resolveSettings } from "../../src/config/settings.ts";
import { createManagementClient } from "../../src/api/client.ts";
import type { Debug } from "../../src/api/debug.ts";
import type { ServiceDeps } from "../../src/runtime/observe.ts";
import { type ProcessRecord, writeHolder } from "../../src/runtime/process_record.ts";
import { writeState } from "../../src/runtime/state_file.ts";
import { SendError, type UpstreamRequest } from "../../src/system/http.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeProcesses } from "./fake_processes.ts";
import { MemoryFiles } from "./memory_files.ts";

export const AUTH_DIR = "/keys";
export const PATHS = runtimePaths(AUTH_DIR);
export const KEY = "management-key";
export const VERSION = "1.2.3";
export const SERVICE_PID = 4120;

export function aDebugView(over: Partial<Debug> = {}): Debug {
  return {
    status: "running",
    pid: SERVICE_PID,
    host: "127.0.0.1",
    port: 8317,
    base_url: "http://127.0.0.1:8317",
    auth_dir: AUTH_DIR,
    auth_count: 2,
    upstream_base_url: "https://chatgpt.com/backend-api",
    log_request_preview: false,
    management_key_required: true,
    trace_max: 500,
    running_requests: 0,
    event_log_file: PATHS.eventsFile,
    version: VERSION,
    websockets: 0,
    started_at: "2027-01-15T08:00:00.000Z",
    restarts: 0,
    last_restart: null,
    shared: null,
    settings: {},
    ...over,
  };
}

/** Settings of the auth dir `/keys` with a management key, as `given` changes them. */
export function someSettings({ flags = {}, env = {}, ...given }: Partial<Given> = {}): ResolvedSettings {
  return resolveSettings({
    flags,
    env: { CLIPROXY_AUTH_DIR: AUTH_DIR, CLIPROXY_MANAGEMENT_KEY: KEY, ...env },
    homeFolder: "/home/ann",
    cwd: "/",
    ...given,
  });
}

interface FakeService {
  readonly pid: number;
  readonly ageMs: number;
  readonly key: string;
  /** Takes connections and never answers. */
  readonly hangs: boolean;
  /** Ends this long after it was asked to. */
  readonly drainMs: number;
  readonly debug: Partial<Debug>;
}

export class ServiceWorld {
  readonly files = new MemoryFiles({ [`${AUTH_DIR}/work.json`]: "{}" });
  readonly processes = new FakeProcesses();
  readonly clock = new FakeClock();
  readonly #services = new Map<string, FakeService>();

  /** What a command run here works with. */
  deps(given: Partial<Given> = {}): ServiceDeps {
    const { files, processes, clock } = this;
    return {
      files,
      processes,
      clock,
      resolved: someSettings(given),
      env: { PATH: "/bin" },
      version: VERSION,
      startManaged: () => Promise.resolve(false),
      connect: (baseUrl, managementKey) =>
        createManagementClient({ clock, baseUrl, managementKey, send: (request) => this.#answer(request) }),
    };
  }

  /** A service with its process and its files, a minute old. */
  runService(over: Partial<FakeService> = {}): void {
    const service: FakeService = {
      pid: SERVICE_PID,
      ageMs: 60_000,
      key: KEY,
      hangs: false,
      drainMs: 0,
      debug: {},
      ...over,
    };
    this.processes.run(service.pid);
    const { host, port } = this.#viewOf(service);
    const record = this.signLock(service.pid, service.ageMs);
    this.files.put(PATHS.stateFile, writeState({ service: { ...record, host, port }, keys: [] }));
    this.#services.set(`http://${host}:${port}`, service);
  }

  /** Leaves the lock file as the process of this pid does that began `ageMs` ago. */
  signLock(pid: number, ageMs = 0, identity: string | null = `run of ${pid}`): ProcessRecord {
    const startedAt = new Date(this.clock.nowMs() - ageMs).toISOString();
    const record = { pid, identity, startedAt, version: VERSION };
    this.files.put(PATHS.lockFile, writeHolder(record));
    return record;
  }

  #viewOf({ pid, debug }: FakeService): Debug {
    return aDebugView({ pid, ...debug });
  }

  async #answer({ url, method, headers, signal }: UpstreamRequest): Promise<Response> {
    const { origin, pathname } = new URL(url);
    const service = this.#services.get(origin);
    if (!service || !this.processes.isAlive(service.pid)) {
      throw new SendError("not_sent", "connection refused");
    }
    if (service.hangs) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new SendError("aborted", "the attempt was ended");
    }
    if (headers.get("x-management-key") !== service.key) return new Response("{}", { status: 401 });
    if (`${method} ${pathname}` === "GET /debug") return Response.json(this.#viewOf(service));
    if (service.drainMs !== undefined) {
      this.clock.after(service.drainMs, () => this.processes.end(service.pid));
    }
    return Response.json({ status: "shutting_down" });
  }
}
