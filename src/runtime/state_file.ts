/**
 * What the service leaves in the auth dir, as text and as values: the pid file for people and scripts, the lock
 * file's text that says which process holds it, and the state file with the address and every key's penalties.
 * The pid alone proves nothing, since systems give pids out again: the identity beside it does.
 * @module
 */

import { parseJson } from "../values/json.ts";
import type { KeyHealth, KeyState, ModelLimit } from "../auth/key_state.ts";
import type { Evidence } from "../auth/outcome.ts";
import {
  type Check,
  either,
  is,
  isAbsent,
  isFields,
  isNull,
  isNumber,
  isText,
  listOf,
  shape,
} from "../api/shape.ts";

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

/** How a key fared, kept over a restart for as long as its token is the same. */
export interface SavedKey {
  readonly file: string;
  readonly tokenHash: string;
  readonly health: KeyHealth;
}

export interface SavedState {
  readonly service: ServiceRecord;
  readonly keys: readonly SavedKey[];
}

export type StateReading =
  | { readonly kind: "state"; readonly state: SavedState }
  /** `reason` continues the sentence "the state file cannot be used: ". */
  | { readonly kind: "unusable"; readonly reason: string };

const STATE_VERSION = 2;

export function writeState(state: SavedState): string {
  return jsonText({ $schemaVersion: STATE_VERSION, ...state });
}

/** A key entry that cannot be read is dropped alone; its key starts afresh. */
export function readState(text: string): StateReading {
  const json = parseJson(text);
  if (!isFields(json)) return { kind: "unusable", reason: "it is not a JSON object" };
  const version = json["$schema_version"];
  if (version !== STATE_VERSION) {
    return { kind: "unusable", reason: `it has version ${version ?? "none"}, not ${STATE_VERSION}` };
  }
  const { service, keys } = renamed(json, camelCase) as Record<string, unknown>;
  if (!isServiceRecord(service)) return { kind: "unusable", reason: "its service entry is incomplete" };
  if (!Array.isArray(keys)) return { kind: "unusable", reason: "its keys are not a list" };
  return { kind: "state", state: { service, keys: keys.filter(isSavedKey).map(whole) } };
}

// JSON leaves out what is undefined; a health has all its fields.
function whole({ file, tokenHash, health }: SavedKey): SavedKey {
  return { file, tokenHash, health: { ...health, evidence: health.evidence } };
}

export function writeHolder(record: ProcessRecord): string {
  return jsonText(record);
}

/** `undefined` for any text that {@link writeHolder} did not write. */
export function readHolder(text: string): ProcessRecord | undefined {
  const record = renamed(parseJson(text), camelCase);
  return isProcessRecord(record) ? record : undefined;
}

export function writePid(pid: number): string {
  return `${pid}\n`;
}

/** `undefined` when the text is not one process id. */
export function readPid(text: string): number | undefined {
  const pid = /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
  return isPid(pid) ? pid : undefined;
}

// Signalling pid 0 or a negative one reaches whole groups of processes, so these are never read as a pid.
const isPid: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) > 0;

const PROCESS = { pid: isPid, identity: either(isText, isNull), startedAt: isText, version: isText };
const isProcessRecord = shape<ProcessRecord>(PROCESS);
const isServiceRecord = shape<ServiceRecord>({ ...PROCESS, host: isText, port: isNumber });

type StateOf<K extends KeyState["kind"]> = Extract<KeyState, { kind: K }>;
const STATE_CHECKS: { readonly [K in KeyState["kind"]]: Check<StateOf<K>> } = {
  ok: shape<StateOf<"ok">>({ kind: is("ok") }),
  cooldown: shape<StateOf<"cooldown">>({ kind: is("cooldown"), untilMs: isNumber, cause: isText }),
  blacklist: shape<StateOf<"blacklist">>({ kind: is("blacklist"), untilMs: isNumber, cause: isText }),
  probation: shape<StateOf<"probation">>({ kind: is("probation"), successes: isNumber, cause: isText }),
};
const isKeyState: Check<KeyState> = (value): value is KeyState =>
  Object.values(STATE_CHECKS).some((check: Check<KeyState>) => check(value));

const isEvidence = shape<Evidence>({
  status: either(isNumber, isNull),
  code: isText,
  requestId: isText,
  atMs: isNumber,
  model: either(isText, isAbsent),
});

const isSavedKey = shape<SavedKey>({
  file: isText,
  tokenHash: isText,
  health: shape<KeyHealth>({
    state: isKeyState,
    strikes: isNumber,
    hardFailures: isNumber,
    lastStrikeMs: isNumber,
    nextTrialMs: isNumber,
    modelLimits: listOf(shape<ModelLimit>({ model: isText, untilMs: isNumber, cause: isText })),
    evidence: either(isEvidence, isAbsent),
  }),
});

function jsonText(value: unknown): string {
  return JSON.stringify(renamed(value, snakeCase), null, 2) + "\n";
}

// Fields are renamed by rule, not one by one, so that a new field of a key's health is kept without a line here.
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [rename(name), renamed(field, rename)]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
