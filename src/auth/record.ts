// placeholder replaced by the auth helper
import type { Secret } from "./secret.ts";

/** One usable key, as its auth file describes it. */
export interface AuthRecord {
  /** File name inside the auth dir; the key's name everywhere. */
  readonly file: string;
  readonly token: Secret;
  readonly accountId?: string;
  readonly email?: string;
  /** As the provider calls it: plus, pro, team… */
  readonly plan?: string;
  /** When the access token ends, from its `exp` claim; epoch milliseconds. */
  readonly expiresAtMs?: number;
}
