/**
 * Which keys have a login that is nowhere else: what would be lost if their refresh tokens were overwritten.
 * @module
 */

import { type RenewalKey, renewerOf } from "./renewable.ts";
import { readRenewalFacts, type RenewalFactsDeps } from "./renewal_facts.ts";

/**
 * The files of the keys that we renew, or would if that were not off, at whichever issuer. A login that Codex has as well,
 * and one whose refresh token is of no use any more, is none of them.
 * @throws {FileError} when the auth dir or the notes cannot be read
 */
export async function filesWithOwnLogin(
  deps: Omit<RenewalFactsDeps, "settings">,
  authDir: string,
): Promise<readonly string[]> {
  const facts = await readRenewalFacts({
    ...deps,
    settings: { authDir, refresh: true, issuer: "", shared: undefined },
  });
  const isOwn = (key: RenewalKey) =>
    renewerOf(key, { ...facts, issuer: key.login?.issuer ?? "" }).by === "cdx2";
  return facts.keys.filter(isOwn).map(({ record }) => record.file);
}
