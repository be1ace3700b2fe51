/**
 * The logins that this machine holds, for a shared pool to find a home for each. Pure.
 * @module
 */

import { generationMs, loginId } from "./login_id.ts";
import { type RenewalFacts, type RenewalKey, renewerOf } from "./renewable.ts";

/** A login in the files of this machine. */
export interface LoginHeld {
  /** Its {@link loginId}. */
  readonly login: string;
  /** This machine can renew it, as far as nobody else does. */
  readonly isRenewable: boolean;
  /** Of its access token. */
  readonly generationMs: number;
}

/** One for each key whose token says whose it is. */
export function loginsHeld(facts: RenewalFacts): readonly LoginHeld[] {
  return facts.keys.flatMap((key) => {
    const login = loginId(key.record);
    const generation = generationMs(key.record);
    return login === undefined
      ? []
      : [{ login, isRenewable: isRenewable(key, facts), generationMs: generation }];
  });
}

// Where Codex has the login, it is renewed by Codex here, and nowhere else.
function isRenewable(key: RenewalKey, facts: RenewalFacts): boolean {
  const { by } = renewerOf({ ...key, home: { kind: "here" } }, facts);
  return by === "cdx2" || by === "codex";
}
