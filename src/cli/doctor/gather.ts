/**
 * Asks the running proxy, the disk, the upstream and a few programs, all at once: the slowest of them decides how long
 * `cdx2 doctor` takes, and none may take more than a few seconds. Nothing is changed.
 * @module
 */

import { sep } from "node:path";
import { isAuthFileName } from "../../auth/record.ts";
import { loadAuthDir } from "../../auth/store.ts";
import { isOwnFileName } from "../../config/paths.ts";
import { readEnvFile } from "../../config/env_text.ts";
import { UserError } from "../../values/user_error.ts";
import { authFileList } from "../../api/auth_file_list.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { type Clock, withDeadline } from "../../system/clock.ts";
import { FileError, type Files } from "../../system/files.ts";
import { type Send, SendError } from "../../system/http.ts";
import { codexProgram } from "../codex_program.ts";
import { keyDifferences } from "../key_differences.ts";
import { type CommandDeps, runningClient, unwrap } from "../service.ts";
import type { CodexTrial, Disk, Facts, FileMode, Service, UpstreamTrial } from "./facts.ts";
import { latencyText } from "../../values/durations.ts";

const TRIAL_TIMEOUT_MS = 5_000;
// The proxy looks at the folder every 0.7 s, and loads a file when it is the same in two looks.
const SETTLE_MS = 2_000;

/** `sendOut` reaches the upstream in the way that the proxy's own requests do. */
export async function gatherFacts(
  deps: CommandDeps,
  sendOut: Send,
): Promise<Omit<Facts, "renewals" | "codexRouting">> {
  const { clock, resolved, env, version } = deps;
  const asking = askService(deps);
  const [{ service, disk }, modes, freeBytes, trial, codex, envFileNames] = await Promise.all([
    asking.then((service) => settledFiles(deps, service)),
    fileModes(deps),
    freeSpace(deps),
    asking.then((service) => tryUpstream(sendOut, clock, upstreamOf(deps, service))),
    tryCodex(deps),
    namesInEnvFile(deps),
  ]);
  const found = { service, disk, modes, freeBytes, ...trial, codex };
  return { nowMs: clock.nowMs(), version, resolved, env, envFileNames, ...found };
}

/** The proxy by its own words, or by the files of this machine; a gateway that cannot be asked has no keys to show. */
export async function askService(deps: CommandDeps): Promise<Service> {
  try {
    const client = await runningClient(deps);
    const [debug, health, { files }] = await Promise.all([
      client.debug().then(unwrap),
      client.health().then(unwrap),
      client.authFiles().then(unwrap),
    ]);
    return { kind: "running", debug, isUsable: health.ok, accounts: health.accounts, files };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const accounts = deps.gateway === undefined ? await accountsHere(deps) : [];
    return { kind: "unasked", reason: error.message, hint: error.hint ?? null, accounts };
  }
}

/** Those of the files. What counts them is that of the proxy, and is loaded only where no proxy can be asked. */
async function accountsHere(deps: CommandDeps) {
  const { savedAccounts } = await import("./saved_accounts.ts");
  return await savedAccounts(deps);
}

async function namesInEnvFile({ files, resolved: { settings } }: ServiceDeps): Promise<readonly string[]> {
  return Object.keys(readEnvFile(await files.readText(settings.envFile).catch(() => "")));
}

/** When files have just changed, the proxy gets the time that it needs to notice. */
async function settledFiles(deps: CommandDeps, service: Service): Promise<{ service: Service; disk: Disk }> {
  const disk = await readDisk(deps);
  const hasParted = service.kind === "running" && disk.kind === "read" &&
    keyDifferences(service.files, disk.files).length > 0;
  if (!hasParted) return { service, disk };
  await deps.clock.sleep(SETTLE_MS);
  return { service: await askService(deps), disk: await readDisk(deps) };
}

async function readDisk({ files, clock, resolved: { settings } }: ServiceDeps): Promise<Disk> {
  try {
    return { kind: "read", files: authFileList(await loadAuthDir(files, settings.authDir), clock.nowMs()) };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // The first key makes the folder.
    if (error.code === "not_found") return { kind: "read", files: [] };
    return { kind: "unreadable", reason: error.message };
  }
}

/** Of the auth dir, of what the proxy keeps there and of the auth files. */
async function fileModes({ files, resolved: { settings } }: ServiceDeps): Promise<readonly FileMode[]> {
  const { authDir, envFile } = settings;
  const modes = await Promise.all([...new Set([authDir, ...await ownFiles(files, authDir), envFile])].map(
    async (path) => {
      const info = await files.info(path).catch(() => undefined);
      return info ? [{ path, mode: info.mode }] : [];
    },
  ));
  return modes.flat();
}

/** Paths, without links that lead out of the folder: what is there is not ours to judge. */
async function ownFiles(files: Files, authDir: string): Promise<readonly string[]> {
  const realFolder = await files.realPath(authDir).catch(() => authDir);
  const names = await files.list(authDir).catch(() => []);
  const isOurs = (name: string) => isOwnFileName(name) || name === ".env" || isAuthFileName(name);
  const paths = names.filter(isOurs).map(async (name) => {
    const path = `${authDir}/${name}`;
    const realPath = await files.realPath(path).catch(() => "");
    return realPath.startsWith(realFolder + sep) ? [path] : [];
  });
  return (await Promise.all(paths)).flat();
}

async function freeSpace(
  { processes, clock, resolved: { settings } }: ServiceDeps,
): Promise<number | undefined> {
  const table = await inTime(clock, processes.outputOf("df", ["-kP", settings.authDir]));
  // The sizes of the file system in KiB, the last one being what is free, then how full it is.
  const freeKib = /\s\d+\s+\d+\s+(\d+)\s+\d+%/.exec(table ?? "")?.[1];
  return freeKib === undefined ? undefined : Number(freeKib) * 1024;
}

function upstreamOf({ resolved: { settings } }: ServiceDeps, service: Service): string {
  return service.kind === "running" ? service.debug.upstream_base_url : settings.upstream;
}

/** Any answer will do: it shows that the upstream can be reached. */
async function tryUpstream(
  send: Send,
  clock: Clock,
  upstreamUrl: string,
): Promise<{ upstreamUrl: string; upstream: UpstreamTrial }> {
  const [startedMs, startMs] = [clock.elapsedMs(), clock.nowMs()];
  const headers = new Headers({ "accept-encoding": "identity" });
  const failed = (reason: string) => ({ upstreamUrl, upstream: { kind: "failed" as const, reason } });
  try {
    const response = await withDeadline(clock, TRIAL_TIMEOUT_MS, async (signal) => {
      const response = await send({ url: upstreamUrl, method: "HEAD", headers, signal });
      await response.body?.cancel();
      return response;
    });
    if (!response) return failed(`nothing within ${latencyText(TRIAL_TIMEOUT_MS)}`);
    const date = Date.parse(response.headers.get("date") ?? "");
    const aheadMs = Number.isNaN(date) ? undefined : date - (startMs + clock.nowMs()) / 2;
    const durationMs = clock.elapsedMs() - startedMs;
    return { upstreamUrl, upstream: { kind: "answered", status: response.status, durationMs, aheadMs } };
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return failed(error.message);
  }
}

/** Asks Codex for its version. */
export async function tryCodex({ processes, clock, env }: ServiceDeps): Promise<CodexTrial> {
  const codex = codexProgram(env);
  const answer = await inTime(clock, processes.outputOf(codex.command, ["--version"]));
  return { ...codex, answer: answer?.trim() };
}

/** `undefined` after the timeout: the program that asks ends soon and does not wait for the rest. */
async function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T | undefined> {
  return await withDeadline(clock, TRIAL_TIMEOUT_MS, () => answer);
}
