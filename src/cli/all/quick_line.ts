/**
 * `cdx2 all --line` for a shell prompt, which waits for it before each command line: the shortest way to the answer of the
 * running proxy. It knows the usual case only. Where anything is otherwise, it says nothing, and the way of all commands
 * (print_line.ts) finds out what is the matter.
 * @module
 */

import { health } from "../../api/health.ts";
import { poolFigures } from "../../api/pool_figures.ts";
import { received } from "../../api/received.ts";
import { bracketed, reachableHost } from "../../config/address.ts";
import { type Given, locate, onlyPlace } from "../../config/given.ts";
import { runtimePaths } from "../../config/paths.ts";
import type { PlaceSettings } from "../../config/place_settings.ts";
import { holderNow } from "../../runtime/holder.ts";
import { readLineFile } from "../../runtime/line_file.ts";
import { isServiceRecord, readHolder } from "../../runtime/process_record.ts";
import { type Clock, systemClock, withDeadline } from "../../system/clock.ts";
import { type PlainGet, plainGet } from "../../system/plain_get.ts";
import {
  currentFolder,
  type Environment,
  environment,
  homeFolder,
  type Processes,
  systemProcesses,
} from "../../system/process.ts";
import { systemTerminal } from "../../system/terminal.ts";
import { readTextNow } from "../../system/text_file.ts";
import { parseJson } from "../../values/json.ts";
import { poolLine } from "./line.ts";

/** What the quick way needs of the world. */
export interface QuickWorld {
  readonly env: Environment;
  readonly homeFolder: string;
  readonly cwd: string;
  /** `undefined` when there is no such file; throws when it cannot be read. */
  readonly readText: (path: string) => string | undefined;
  readonly processes: Pick<Processes, "isAlive" | "identityOf" | "ageOf">;
  readonly clock: Clock;
  readonly get: PlainGet;
}

/** Prints the line; `false` when it could not, and nothing has been printed. */
export async function printQuickLine(): Promise<boolean> {
  const env = environment();
  const world = {
    env,
    homeFolder: homeFolder(env),
    cwd: currentFolder(),
    readText: readTextNow,
    processes: systemProcesses,
    clock: systemClock,
    get: plainGet,
  };
  try {
    const line = await quickLine(world);
    if (line !== undefined) systemTerminal.out(`${line}\n`);
    return line !== undefined;
  } catch {
    return false;
  }
}

// A proxy that is busy is asked again on the other way, which says how long it waited.
const TIMEOUT_MS = 1_000;

/** The line; `undefined` where it takes the way of all commands to know it. May reject where that says why. */
export async function quickLine(
  { env, homeFolder, cwd, readText, processes, clock, get }: QuickWorld,
): Promise<string | undefined> {
  const given = { env, homeFolder, cwd };
  const envFileText = readText(locate({ ...given, flags: {} }).envFile);
  const place = onlyPlace({ ...given, envFileText }) ?? await placeAmongAll({ ...given, envFileText });
  if (place?.managementKey === undefined) return undefined;
  const { authDir, managementKey } = place;
  const { lockFile, lineFile } = runtimePaths(authDir);
  const record = readHolder(readText(lockFile) ?? "");
  if (!isServiceRecord(record)) return undefined;
  // Its own file says where it listens. Only this very process is shown the key.
  if ((await holderNow({ processes, clock }, record)).kind !== "ours") return undefined;
  const kept = readLineFile(readText(lineFile) ?? "", { by: record, nowMs: clock.nowMs() });
  if (kept) return poolLine(kept);
  const [hostname, port] = [reachableHost(record.host), record.port];
  const page = await withDeadline(clock, TIMEOUT_MS, (signal) =>
    get({
      hostname,
      port,
      authority: `${bracketed(hostname)}:${port}`,
      path: "/health",
      headers: { "x-management-key": managementKey.reveal() },
      signal,
    }));
  const answer = page?.status === 200 ? received(health, parseJson(page.text)) : undefined;
  return answer && poolLine(poolFigures(answer.accounts, clock.nowMs()));
}

/** `undefined` when the proxy is on another machine. @throws UserError for a setting that is not allowed */
async function placeAmongAll(given: Omit<Given, "flags">): Promise<PlaceSettings | undefined> {
  const { resolveSettings } = await import("../../config/settings.ts");
  const { settings } = resolveSettings({ ...given, flags: {} });
  return settings.remote === undefined ? settings : undefined;
}
