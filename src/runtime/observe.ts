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
import { holderOf, isLive, isStarting, type LiveHolder, type Reply, type ServiceFacts } from "./plan.ts";
import { readHolder } from "./process_record.ts";
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

/** The service at this moment. */
export async function observeService(deps: ServiceDeps): Promise<Observed> {
  const { files, processes, clock, resolved: { settings } } = deps;
  const record = readHolder(await textOf(files, runtimePaths(settings.authDir).lockFile));
  const isAlive = record !== undefined && processes.isAlive(record.pid);
  const identity = isAlive ? await processes.identityOf(record.pid) : undefined;
  const holder = holderOf(record, { isAlive, identity, nowMs: clock.nowMs() });
  if (!isLive(holder)) return { client: undefined, facts: { holder } };
  const baseUrl = await addressOf(deps, holder);
  if (baseUrl === undefined) {
    return { client: undefined, facts: { holder, reply: silent("it has not said where it listens") } };
  }
  const client = deps.connect(baseUrl, settings.managementKey ?? await keptManagementKey(files, settings));
  return { client, facts: { holder, reply: replyOf(await client.debug(), holder) } };
}

async function addressOf(deps: ServiceDeps, holder: LiveHolder): Promise<string | undefined> {
  const { authDir, host, port } = deps.resolved.settings;
  const reading = readState(await textOf(deps.files, runtimePaths(authDir).stateFile));
  if (reading.kind === "state" && reading.service.pid === holder.pid) {
    return serviceUrl(reading.service.host, reading.service.port);
  }
  // A service that is not starting has lost its state file; it usually listens where the settings say.
  return port === 0 || isStarting(holder) ? undefined : serviceUrl(host, port);
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
