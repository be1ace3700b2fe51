/**
 * Puts the auth dir in order when the service starts: what other users can read or replace becomes private, and what
 * a write that was cut off has left is removed.
 * @module
 */

import { isAuthFileName } from "../auth/record.ts";
import { isOwnFileName } from "../config/paths.ts";
import type { ProxyEvent } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type FileInfo, type Files } from "../system/files.ts";
import type { Processes } from "../system/process.ts";
import { inBatches } from "../values/batches.ts";
import { firstFew } from "../values/first_few.ts";

/** What {@link tidyAuthDir} works with. */
export interface TidyOptions {
  /** Reads and changes the folder. */
  readonly files: Files;
  /** Knows whether a writer still runs. */
  readonly processes: Pick<Processes, "isAlive">;
  /** Dates files and the report. */
  readonly clock: Clock;
  /** The folder. */
  readonly authDir: string;
  /** Auth files, of which there may be thousands, wait for this; absent: for nothing. */
  readonly keysAfter?: Promise<void>;
}

/** What was done; names of files, `.` for the folder. */
export interface Tidied {
  /** Made private. */
  readonly tightened: readonly string[];
  /** Other users can read or replace these, and we may not change that. */
  readonly exposed: readonly string[];
  /** Left by writes that were cut off. */
  readonly removed: readonly string[];
}

/** What other users could do with a file: read or change it. */
const OTHERS = 0o077;
// The right to change a folder is one to replace the files in it. Their names alone are no secret.
const OTHERS_WRITE = 0o022;
// As written by files.ts: the name, the pid of the writer, eight hexadecimal digits.
const LEFTOVER = /\.(?<pid>\d+)-[0-9a-f]{8}\.tmp$/;
// A writer in a container has another pid than we see. No write takes this long.
const LEFTOVER_AGE_MS = 60_000;

/** The mode that a file or folder should have; `undefined` when its own is fine, or the system has none. */
export function privateMode({ kind, mode }: Pick<FileInfo, "kind" | "mode">): number | undefined {
  const excess = kind === "folder" ? OTHERS_WRITE : kind === "file" ? OTHERS : 0;
  return (mode & excess) === 0 ? undefined : mode & ~excess;
}

/** Whether a file of this name holds a token, a key or what we keep. */
export function isPrivateName(name: string): boolean {
  return name === ".env" || isOwnFileName(name) || /\.json$/i.test(name);
}

/** Never rejects because of a file: what cannot be changed is listed. */
export async function tidyAuthDir(options: TidyOptions): Promise<Tidied> {
  const { files, authDir } = options;
  const tightened: string[] = [];
  const exposed: string[] = [];
  const removed: string[] = [];
  const names = await files.list(authDir).catch(nothing) ?? [];
  const tidyOne = async (name: string) => {
    const path = name === "." ? authDir : `${authDir}/${name}`;
    if (name !== "." && await isLeftover(options, name)) {
      return await files.remove(path).then(() => void removed.push(name), nothing);
    }
    if (name !== "." && !isPrivateName(name)) return;
    const info = await files.info(path).catch(nothing);
    const mode = info && privateMode(info);
    if (mode === undefined || (name !== "." && await isLink(options, name))) return;
    await files.setMode(path, mode).then(() => void tightened.push(name), (error) => {
      nothing(error);
      exposed.push(name);
    });
  };
  // What a start writes itself would not be told of.
  await inBatches([".", ...names.filter((name) => !isAuthFileName(name))], tidyOne);
  await options.keysAfter;
  await inBatches(names.filter(isAuthFileName), tidyOne);
  return { tightened: tightened.sort(), exposed: exposed.sort(), removed: removed.sort() };
}

async function isLeftover({ files, processes, clock, authDir }: TidyOptions, name: string): Promise<boolean> {
  const pid = LEFTOVER.exec(name)?.groups?.["pid"];
  if (pid === undefined) return false;
  const info = await files.info(`${authDir}/${name}`).catch(nothing);
  const isOld = info?.kind === "file" && clock.nowMs() - info.modifiedMs > LEFTOVER_AGE_MS;
  return isOld && !processes.isAlive(Number(pid));
}

/** What a link leads to is the user's own affair. */
async function isLink({ files, authDir }: TidyOptions, name: string): Promise<boolean> {
  const [real, folder] = await Promise.all(
    [`${authDir}/${name}`, authDir].map((path) => files.realPath(path).catch(nothing)),
  );
  return real !== `${folder}/${name}`;
}

/** Tidies, and passes the report on. */
export async function reportTidying(
  options: TidyOptions,
  log: (event: ProxyEvent) => Promise<void>,
): Promise<void> {
  const event = tidiedEvent(await tidyAuthDir(options), options.clock.nowMs());
  if (event) await log(event);
}

/** The report, unless there was nothing to do. */
export function tidiedEvent({ tightened, exposed, removed }: Tidied, atMs: number): ProxyEvent | undefined {
  const said = [
    tightened.length > 0 ? [`other users could reach ${listed(tightened)}; now only you can`] : [],
    exposed.length > 0
      ? [`other users can reach ${listed(exposed)}, and cdx2 may not change that: use chmod go-rwx`]
      : [],
    removed.length > 0 ? [`leftovers of interrupted writes removed: ${removed.length}`] : [],
  ].flat();
  if (said.length === 0) return undefined;
  const level = exposed.length + tightened.length > 0 ? "warning" : "info";
  const fields = { tightened: [...tightened], exposed: [...exposed], removed: [...removed] };
  return { atMs, level, event: "state.tidied", message: said.join("; "), fields };
}

const MAX_LISTED = 5;

function listed(names: readonly string[]): string {
  return firstFew(names, MAX_LISTED, (name) => name === "." ? "the auth dir" : name);
}

function nothing(error: unknown): undefined {
  if (!(error instanceof FileError)) throw error;
  return undefined;
}
