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
import type { World } from "./world.ts";

/** The standing of each key; nothing when the folders cannot be read, which other parts of a command report. */
export async function keyRenewals(
  { files, processes, env, homeFolder, clock }: World,
  settings: Settings,
): Promise<readonly RenewalStanding[]> {
  const marks = new RenewalMarks(files, renewalFolder(env, homeFolder));
  try {
    const facts = await readRenewalFacts({ files, processes, env, homeFolder, marks, settings });
    return renewalStandings(facts, clock.nowMs());
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

/** One sentence for each key about which the user should do something. */
export function renewalNotes(renewals: readonly RenewalStanding[]): readonly string[] {
  return renewals.flatMap(({ file, warning, fix }) => {
    if (warning === undefined) return [];
    return [`${file}: ${warning}${fix === undefined ? "" : `; run "${fix}"`}`];
  });
}
