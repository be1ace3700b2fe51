/**
 * Starts the service process and waits until a service answers: usually the child, sometimes that of another start at the
 * same moment, which got the lock first.
 * @module
 */

import { runtimePaths } from "../config/paths.ts";
import { UserError } from "../values/user_error.ts";
import type { Debug } from "../api/debug.ts";
import type { Received } from "../api/received.ts";
import { stopReason } from "../observability/service_log.ts";
import { FileError } from "../system/files.ts";
import { SpawnError } from "../system/foreground.ts";
import { unusableAuthDir } from "./first_start.ts";
import { flagsAsEnvironment } from "./flags_environment.ts";
import { observeService, POLL_MS, serverArgs, type ServiceDeps } from "./observe.ts";
import { type Reply, whySilent } from "./plan.ts";

/** How long a service may take to answer once it has said where it listens, and others wait for its start. */
export const START_DEADLINE_MS = 10_000;
// A machine with much else to do takes longer to get that far. It lives, so it is worth waiting for.
const LISTEN_DEADLINE_MS = 30_000;
// A child that lost the lock to another start may end before the winner has written the lock file.
const WINNER_GRACE_MS = 500;
const LOG_LINES_SHOWN = 5;
const LOG_BYTES_SHOWN = 4_096;

/**
 * Resolves with what the service says of itself.
 * @throws {@link UserError} with what the process says of its failure, else the log since the start, when no service
 * answers in time
 */
export async function launchService(deps: ServiceDeps): Promise<Received<Debug>> {
  const { processes, clock } = deps;
  await checkRoom(deps);
  const logStart = await logEnd(deps);
  // Without a pid, the manager's process counts as alive until the deadline.
  const child = await deps.startManaged() ? undefined : startedSelf(deps);
  const startedMs = clock.elapsedMs();
  for (let lastSeenMs = startedMs;; await clock.sleep(POLL_MS)) {
    const { facts } = await observeService(deps);
    const reply = "reply" in facts ? facts.reply : undefined;
    if (reply?.kind === "debug") return reply.debug;
    const nowMs = clock.elapsedMs();
    if (reply || child === undefined || processes.isAlive(child)) lastSeenMs = nowMs;
    const problem = problemOf(reply, { unseenMs: nowMs - lastSeenMs, waitedMs: nowMs - startedMs });
    if (problem) throw await startFailure(deps, logStart, problem);
  }
}

/** The pid of the process. @throws {@link UserError} when the system starts none */
function startedSelf({ processes, env, resolved }: ServiceDeps): number {
  try {
    const settings = { ...env, ...flagsAsEnvironment(resolved) };
    return processes.spawnSelfDetached(serverArgs(resolved.settings.authDir), settings);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    throw new UserError(`Cannot start the proxy: ${error.message}`);
  }
}

/** Why it is not worth waiting any longer; `undefined` while it is. */
function problemOf(
  reply: Reply | undefined,
  { unseenMs, waitedMs }: { unseenMs: number; waitedMs: number },
): string | undefined {
  if (reply?.kind === "unauthorized") return "another start with another management key was faster";
  if (unseenMs >= WINNER_GRACE_MS) return "it ended at once";
  const listens = reply !== undefined && reply.kind !== "unasked";
  if (waitedMs < (listens ? START_DEADLINE_MS : LISTEN_DEADLINE_MS)) return undefined;
  const isSilent = reply?.kind === "silent" || reply?.kind === "unasked";
  return isSilent ? `it does not answer: ${whySilent(reply)}` : "it does not answer";
}

// More than the files that a start writes.
const ROOM_BYTES = 64 * 1024;

/** A process in the background that finds the disk full cannot say so anywhere. */
async function checkRoom({ files, resolved: { settings: { authDir } } }: ServiceDeps): Promise<void> {
  const path = `${runtimePaths(authDir).stateFile}.room`;
  try {
    await files.writeAtomic(path, " ".repeat(ROOM_BYTES));
    await files.remove(path);
  } catch (error) {
    // The file is none that a user knows.
    const isRead = error instanceof FileError;
    throw unusableAuthDir(isRead ? new FileError(error.code, error.message.replace(path, authDir)) : error);
  }
}

/** Where the log ends now. Opening it for writing shows early whether the folder can be written to. */
async function logEnd(deps: ServiceDeps): Promise<number> {
  try {
    const log = await deps.files.openAppend(runtimePaths(deps.resolved.settings.authDir).logFile);
    log.close();
    return log.sizeBytes;
  } catch (error) {
    throw unusableAuthDir(error);
  }
}

async function startFailure(deps: ServiceDeps, logStart: number, reason: string): Promise<UserError> {
  const lines = await logLinesSince(deps, logStart);
  const stop = lines.map(stopReason).findLast((found) => found !== undefined);
  // What the foreground would say.
  if (stop !== undefined) return new UserError(stop.message, { hint: stop.hint });
  return new UserError([`Cannot start the proxy: ${reason}`, ...lines].join("\n  "), {
    hint: `"cdx2 proxy --foreground" shows what happens; the log is ${
      runtimePaths(deps.resolved.settings.authDir).logFile
    }`,
  });
}

async function logLinesSince(deps: ServiceDeps, logStart: number): Promise<readonly string[]> {
  const { bytes, startsAt } = await deps.files.readTail(
    runtimePaths(deps.resolved.settings.authDir).logFile,
    LOG_BYTES_SHOWN,
  );
  const text = new TextDecoder().decode(bytes.subarray(Math.max(0, logStart - startsAt)));
  return text.split("\n").filter((line) => line !== "").slice(-LOG_LINES_SHOWN);
}
