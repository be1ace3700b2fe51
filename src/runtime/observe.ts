/**
 * Looks at the service and changes nothing. The lock file says which process it is, the state file where it listens, and
 * only its own answer whether it works.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { runtimePaths } from "../config/paths.ts";
import type { ResolvedSettings } from "../config/settings.ts";
import type { Clock } from "../system/clock.ts";
import type { Files } from "../system/files.ts";
import type { Environment, Processes } from "../system/process.ts";
import type { ManagementClient, Result } from "../api/client.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";
import { serviceUrl } from "../config/address.ts";
import { keptManagementKey } from "./first_start.ts";
import { holderNow, isLive, type LiveHolder } from "./holder.ts";
import { isStarting, type Reply, type ServiceFacts } from "./plan.ts";
import { isServiceRecord, readHolder, type ServiceRecord } from "./process_record.ts";
import { readState } from "./state_file.ts";

/** What commands about the service need. */
export interface ServiceDeps {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly resolved: ResolvedSettings;
  /** This process's environment; the service inherits it. */
  readonly env: Environment;
  /** The version of this program. */
  readonly version: string;
  /** Has the system's manager start the service; `false` when it is not installed there, or this start differs. */
  readonly startManaged: () => Promise<boolean>;
  /** Makes a client of the service at this address. */
  readonly connect: (baseUrl: string, managementKey: Secret | undefined) => ManagementClient;
}

/** What is known about the service at one moment. */
export interface Observed {
  readonly facts: ServiceFacts;
  /** `undefined` when no process runs, or when it has not said where it listens. */
  readonly client: ManagementClient | undefined;
}

/** How often we look again while we wait for the service. */
export const POLL_MS = 15;

/** How far {@link observeService} looks. */
export interface Looking {
  /** Also through all processes of the machine, for one that has lost all of its files. Takes 10 to 20 ms. */
  readonly isThorough: boolean;
}

/** The service at this moment. */
export async function observeService(deps: ServiceDeps, looking?: Looking): Promise<Observed> {
  const { files, resolved: { settings } } = deps;
  const record = readHolder(await textOf(files, runtimePaths(settings.authDir).lockFile));
  const holder = await holderNow(deps, record);
  if (isLive(holder)) {
    const address = isServiceRecord(record)
      ? serviceUrl(record.host, record.port)
      : await addressOf(deps, holder);
    return await asked(deps, holder, address);
  }
  return await lostService(deps, looking) ?? { client: undefined, facts: { holder } };
}

async function asked(deps: ServiceDeps, holder: LiveHolder, baseUrl: string | undefined): Promise<Observed> {
  const { files, resolved: { settings } } = deps;
  if (baseUrl === undefined) return { client: undefined, facts: { holder, reply: { kind: "unasked" } } };
  const client = deps.connect(baseUrl, settings.managementKey ?? await keptManagementKey(files, settings));
  return { client, facts: { holder, reply: replyOf(await client.debug(), holder) } };
}

/** A service whose lock file was removed or overwritten: it writes its files again, but only every second. */
async function lostService(deps: ServiceDeps, looking: Looking | undefined): Promise<Observed | undefined> {
  const service = await savedService(deps);
  const holder = await holderNow(deps, service);
  if (service && holder.kind === "ours") {
    return await asked(deps, holder, serviceUrl(service.host, service.port));
  }
  return await atRememberedPort(deps) ?? (looking?.isThorough ? await amongProcesses(deps) : undefined);
}

/** The port of the settings is usually that of the last service. Only a process of this user is shown the management key. */
async function atRememberedPort(deps: ServiceDeps): Promise<Observed | undefined> {
  const { host, port } = deps.resolved.settings;
  const pid = port === 0 ? undefined : await deps.processes.listenerOf(port);
  const identity = pid === undefined ? undefined : await deps.processes.identityOf(pid);
  if (pid === undefined || identity === undefined) return undefined;
  const observed = await asked(
    deps,
    { kind: "ours", pid, identity, ageMs: UNKNOWN_AGE_MS },
    serviceUrl(host, port),
  );
  const { facts } = observed;
  if (!("reply" in facts) || facts.reply.kind !== "debug") return undefined;
  return await isSameFolder(deps, facts.reply.debug.auth_dir) ? observed : undefined;
}

/** Only the background process of this auth dir has these arguments. */
async function amongProcesses(deps: ServiceDeps): Promise<Observed | undefined> {
  const { processes, resolved: { settings } } = deps;
  const [found] = await processes.processesWith(serverArgs(settings.authDir));
  const identity = found && await processes.identityOf(found.pid);
  if (identity === undefined) return undefined;
  const { pid, ageMs = UNKNOWN_AGE_MS } = found!;
  return await asked(deps, { kind: "ours", pid, identity, ageMs }, undefined);
}

// Not that of a process which is starting.
const UNKNOWN_AGE_MS = -1;

/** The arguments of the background process for an auth dir. */
export function serverArgs(authDir: string): readonly string[] {
  return ["run-server", "--auth-dir", authDir];
}

async function isSameFolder({ files, resolved }: ServiceDeps, folder: string): Promise<boolean> {
  const { authDir } = resolved.settings;
  if (folder === authDir) return true;
  const [one, other] = await Promise.all(
    [folder, authDir].map((path) => files.realPath(path).catch(() => path)),
  );
  return one === other;
}

async function addressOf(deps: ServiceDeps, holder: LiveHolder): Promise<string | undefined> {
  const { host, port } = deps.resolved.settings;
  const service = await savedService(deps);
  if (service?.pid === holder.pid) return serviceUrl(service.host, service.port);
  // A service that is not starting has lost its state file; it usually listens where the settings say.
  return port === 0 || isStarting(holder) ? undefined : serviceUrl(host, port);
}

/** The service that wrote the state file. */
async function savedService({ files, resolved }: ServiceDeps): Promise<ServiceRecord | undefined> {
  const reading = readState(await textOf(files, runtimePaths(resolved.settings.authDir).stateFile));
  return reading.kind === "state" ? reading.service : undefined;
}

function replyOf(result: Result<Received<Debug>>, { pid }: LiveHolder): Reply {
  switch (result.kind) {
    case "answer":
      return result.value.pid === pid
        ? { kind: "debug", debug: result.value }
        : silent(`pid ${result.value.pid} answers in its place`);
    case "unauthorized":
      return result;
    case "unreachable":
    case "unexpected":
      return silent(result.reason);
  }
}

function silent(reason: string): Reply {
  return { kind: "silent", reason };
}

/** Empty for a file that is missing or cannot be read: in both cases nothing is known. */
async function textOf(files: Files, path: string): Promise<string> {
  try {
    return await files.readText(path);
  } catch {
    return "";
  }
}
