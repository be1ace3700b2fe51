/**
 * `cdx2 doctor --replay`: what would have happened to the requests of an event log under other rules of rotation. It
 * needs no proxy.
 * @module
 */

import { POLICY_KEYS, POLICY_SETTINGS } from "../../config/policy.ts";
import { describeSettings, type ResolvedSettings } from "../../config/settings.ts";
import { UserError } from "../../values/user_error.ts";
import { type PastRequest, type Tally, tallyOf } from "../../replay/history.ts";
import { RecordedUpstream } from "../../replay/recorded_upstream.ts";
import { readRecording, type Recording } from "../../replay/recording.ts";
import { replay } from "../../replay/replay.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { replayNotes } from "./replay_notes.ts";
import type { ReplayView, TallyView } from "./replay_page.ts";

/** What to replay. */
export interface ReplayRequest {
  /** Of the event log. */
  readonly path: string;
  /** The rules to try, each `name=value` as the user typed it; of two for one name, the last counts. */
  readonly assignments: readonly string[];
  readonly flags: Parameters<typeof serviceDeps>[1];
}

/** The result of a replay. */
export interface ReplayReport {
  readonly path: string;
  readonly recording: Recording;
  /** When the first request came and the last one ended, epoch milliseconds. */
  readonly period: { readonly fromMs: number; readonly toMs: number };
  /** The rules, as `status --json` shows settings; the source of those that were tried is `flag`. */
  readonly rules: ReturnType<typeof describeSettings>;
  readonly recorded: Tally;
  readonly replayed: Tally;
  /** What was assumed, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Replays an event log.
 * @throws {@link UserError} for an assignment that is not allowed, or a file without requests
 */
export async function replayFile(
  world: World,
  { path, assignments, flags }: ReplayRequest,
): Promise<ReplayReport> {
  const overrides = overridesIn(assignments, world);
  const { resolved } = await serviceDeps({ ...world, env: { ...world.env, ...overrides } }, flags);
  const recording = readRecording(await world.files.readText(path));
  const { requests, keys } = recording;
  const first = requests[0];
  if (!first) {
    throw new UserError(`${path} records no request that was given a key`, {
      hint: 'name an event log; "cdx2 status" says where the proxy writes its own',
    });
  }
  const { settings } = resolved;
  const upstream = new RecordedUpstream(recording);
  return {
    path,
    recording,
    period: { fromMs: first.arrivedMs, toMs: lastEndMs(requests) },
    rules: rulesOf(resolved, overrides),
    recorded: tallyOf(recording),
    replayed: tallyOf(replay(requests, { keys, upstream, rules: settings })),
    notes: replayNotes(recording, settings),
  };
}

function lastEndMs(requests: readonly PastRequest[]): number {
  const endsMs = requests.map(({ arrivedMs, attempts }) => attempts.at(-1)?.endedMs ?? arrivedMs);
  return endsMs.reduce((last, endMs) => Math.max(last, endMs));
}

/** What `--json` prints. */
export function replayJson(
  { path, recording, period, rules, recorded, replayed, notes }: ReplayReport,
): ReplayView {
  const { lines, keys } = recording;
  return {
    file: path,
    from: new Date(period.fromMs).toISOString(),
    to: new Date(period.toMs).toISOString(),
    lines,
    keys,
    rules,
    recorded: tallyJson(recorded),
    replayed: tallyJson(replayed),
    notes,
  };
}

function tallyJson({ keyChanges, ...tally }: Tally): TallyView {
  return { ...tally, key_changes: keyChanges };
}

function rulesOf(resolved: ResolvedSettings, overrides: Record<string, string>): ReplayReport["rules"] {
  const described = describeSettings(resolved);
  return Object.fromEntries(POLICY_KEYS.map((key) => {
    const { name, environment } = POLICY_SETTINGS[key];
    const rule = described[name]!;
    return [name, Object.hasOwn(overrides, environment) ? { ...rule, source: "flag" } : rule];
  }));
}

/** The environment variables that give these rules their values. */
function overridesIn(assignments: readonly string[], world: World): Record<string, string> {
  return Object.fromEntries(assignments.map((text) => {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const key = POLICY_KEYS.find((key) => POLICY_SETTINGS[key].name === name);
    if (key === undefined || value === undefined) throw badSet(text);
    const { environment, allowed, parse } = POLICY_SETTINGS[key];
    if (parse(value, world) !== undefined) return [environment, value];
    throw new UserError(`Bad ${name} ${JSON.stringify(value)} (from --set): allowed is ${allowed}`, {
      exitCode: 2,
    });
  }));
}

function badSet(text: string): UserError {
  const names = POLICY_KEYS.map((key) => POLICY_SETTINGS[key].name).join(", ");
  return new UserError(`Bad --set ${JSON.stringify(text)}: allowed is name=value for a rule of rotation`, {
    hint: `the rules are ${names}`,
    exitCode: 2,
  });
}
