/**
 * Which process is the service: the text of the pid file, for people and scripts, and of the lock file, which says who
 * holds it. The pid alone proves nothing, since systems give pids out again: the identity beside it does.
 * @module
 */

import { isObject, parseJson } from "../values/json.ts";
import { camelCased, snakeCased } from "./field_names.ts";

/** One run of the service process. */
export interface ProcessRecord {
  readonly pid: number;
  /** What only this run of this pid has; null where the system does not tell. */
  readonly identity: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
}

/** A service process that listens. */
export interface ServiceRecord extends ProcessRecord {
  readonly host: string;
  readonly port: number;
}

/** The text of the lock file. */
export function writeHolder(record: ProcessRecord): string {
  return JSON.stringify(snakeCased(record), null, 2) + "\n";
}

/**
 * `undefined` for any text that {@link writeHolder} did not write. A service that listens says where, from version to
 * version at least in its state file.
 */
export function readHolder(text: string): ProcessRecord | ServiceRecord | undefined {
  const record = camelCased(parseJson(text));
  return isProcessRecord(record) ? record : undefined;
}

/** The text of the pid file. */
export function writePid(pid: number): string {
  return `${pid}\n`;
}

/** `undefined` when the text is not one process id. */
export function readPid(text: string): number | undefined {
  const pid = /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
  return isPid(pid) ? pid : undefined;
}

/** Whether all fields are there, as in the state file. Further ones are allowed. */
export function isServiceRecord(value: unknown): value is ServiceRecord {
  return isObject(value) && isProcessRecord(value) &&
    typeof value["host"] === "string" && Number.isFinite(value["port"]);
}

function isProcessRecord(value: unknown): value is ProcessRecord {
  if (!isObject(value)) return false;
  const { pid, identity, startedAt, version } = value;
  return isPid(pid) && (typeof identity === "string" || identity === null) &&
    typeof startedAt === "string" && typeof version === "string";
}

// Signalling pid 0 or a negative one reaches whole groups of processes, so these are never read as a pid.
function isPid(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
