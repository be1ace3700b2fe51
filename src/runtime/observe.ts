/**
 * Looks at the service and changes nothing. The process is known by the lock file's text, its address by the state
 * file, and whether it is well only by asking it.
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
import { type Facts, holderOf, isLive, isStarting, type LiveHolder, type Reply } from "./plan.ts";
import { readHolder } from "./process_record.ts";

export interface ServiceDeps {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly resolved: ResolvedSettings;
  /** This process's environment; the service inherits it. */
  readonly env: Environment;
  /** Of this program. */
  readonly version: string;
  readonly connect: (baseUrl: string, managementKey: Secret | undefined) => ManagementClient;
}

/** What is known about the service at one moment. */
export interface Observed {
  readonly facts: Facts;
  /** Reaches the service; absent when it has not said where it listens. */
  readonly client?: ManagementClient;
}

/** How often a change is looked for while waiting. */
export const POLL_MS = 15;

export async function observeService(deps: ServiceDeps): Promise<Observed> {
  const { files, processes, clock, resolved: { settings } } = deps;
  const record = readHolder(await textOf(files, runtimePaths(settings.authDir).lockFile));
  const isAlive = record !== undefined && processes.isAlive(record.pid);
  const identity = isAlive ? await processes.identityOf(record.pid) : undefined;
  const holder = holderOf(record, { isAlive, identity, nowMs: clock.nowMs() });
  if (!isLive(holder)) return { facts: { holder } };
  const baseUrl = await addressOf(deps, holder);
  if (baseUrl === undefined) return { facts: { holder, reply: silent("it has not said where it listens") } };
  const client = deps.connect(baseUrl, settings.managementKey ?? await keptManagementKey(files, settings));
  return { client, facts: { holder, reply: replyOf(await client.debug(), holder) } };
}

async function addressOf(deps: ServiceDeps, holder: LiveHolder): Promise<string | undefined> {
  const { authDir, host, port } = deps.resolved.settings;
  // Loaded here, since most commands end before they need it.
  const { readState } = await import("./state_file.ts");
  const reading = readState(await textOf(deps.files, runtimePaths(authDir).stateFile));
  if (reading.kind === "state" && reading.state.service.pid === holder.pid) {
    return serviceUrl(reading.state.service.host, reading.state.service.port);
  }
  // A service that has been there for long has lost its state file; it mostly listens where the settings say.
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

/** Empty for a file that is not there or cannot be read: both say that nothing is known. */
async function textOf(files: Files, path: string): Promise<string> {
  try {
    return await files.readText(path);
  } catch {
    return "";
  }
}
