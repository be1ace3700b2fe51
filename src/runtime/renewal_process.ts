/**
 * Renews a key in a process of its own. It lives until the new tokens are on the disk, also when the proxy is killed.
 * @module
 */

import { type Renewal, renewals } from "../api/renewals.ts";
import { received } from "../api/received.ts";
import type { RenewalCause } from "../credentials/renewal_plan.ts";
import type { Environment, Processes } from "../system/process.ts";
import { parseJson } from "../values/json.ts";

/** What starting the process needs. */
export interface RenewalProcessOptions {
  /** Starts it. */
  readonly processes: Pick<Processes, "runSelfDetached">;
  /** Its environment: the settings of the proxy, and no secret that it does not need. */
  readonly env: Environment;
  /** The folder with the keys. */
  readonly authDir: string;
}

/** Resolves with how the renewal ended; `undefined` when the process ended without saying so. */
export async function renewInProcess(
  { processes, env, authDir }: RenewalProcessOptions,
  file: string,
  cause: RenewalCause,
): Promise<Renewal | undefined> {
  const why = cause.kind === "refused" ? ["--refused", cause.accessHash] : ["--if-due"];
  const args = ["auth", "refresh", ...why, "--json", "--quiet", "--auth-dir", authDir, "--", file];
  const { CLIPROXY_MANAGEMENT_KEY: _, ...needed } = env;
  const output = await processes.runSelfDetached(args, needed);
  const page = received(renewals, parseJson(output));
  return page?.keys.find((entry) => entry.file === file) as Renewal | undefined;
}
