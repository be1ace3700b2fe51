/**
 * Who renews the keys of an auth dir, for the commands that show it.
 * @module
 */

import { renewalFolder } from "../config/paths.ts";
import type { Settings } from "../config/settings_table.ts";
import { readRenewalFacts } from "../credentials/renewal_facts.ts";
import { RenewalMarks } from "../credentials/renewal_marks.ts";
import { type RenewalStanding, renewalStandings } from "../credentials/renewal_standing.ts";
import { FileError } from "../system/files.ts";
import { expiryText } from "./auth/expiry.ts";
import type { World } from "./world.ts";

/** The notes about the refresh tokens of this user. */
export function renewalMarks(
  { files, env, homeFolder }: Pick<World, "files" | "env" | "homeFolder">,
): RenewalMarks {
  return new RenewalMarks(files, renewalFolder(env, homeFolder));
}

/** The standing of each key; nothing when the folders cannot be read, which other parts of a command report. */
export async function keyRenewals(
  world: World,
  settings: Settings,
): Promise<readonly RenewalStanding[]> {
  try {
    const facts = await readRenewalFacts({ ...world, marks: renewalMarks(world), settings });
    return renewalStandings(facts, world.clock.nowMs());
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

/** A key with what the user should know about its renewal. */
export interface WarnedKey {
  /** The key. */
  readonly file: string;
  /** When its token expires, epoch milliseconds; `undefined` when that is not known. */
  readonly endsAtMs: number | undefined;
  /** A clause about it; nothing when all is well. */
  readonly warning: string | undefined | null;
  /** What to type about that, if anything. */
  readonly fix: string | undefined | null;
}

// More sentences that say the same would hide what else there is to say.
const MAX_ALIKE = 3;

/** One sentence for each key about which the user should do something; of many with the same warning, one for all. */
export function renewalNotes(keys: readonly WarnedKey[], nowMs: number): readonly string[] {
  const alike = Map.groupBy(keys.filter(({ warning }) => warning), ({ warning }) => warning);
  return [...alike.values()].flatMap((group) =>
    group.length > MAX_ALIKE ? [noteAbout(group)] : group.map((key) => {
      return warningText(key, nowMs) + (key.fix ? `; run "${key.fix}"` : "");
    })
  );
}

function noteAbout([first, ...others]: readonly WarnedKey[]): string {
  return `${first!.file} and ${others.length} other keys: ${
    first!.warning
  }; "cdx2 doctor" names them, and what to run`;
}

/** What the user should know about a key with a warning, and how much time is left. */
export function warningText({ file, warning, endsAtMs }: WarnedKey, nowMs: number): string {
  return `${file}: ${warning}${endsAtMs === undefined ? "" : `, its token ${expiryText(endsAtMs, nowMs)}`}`;
}
