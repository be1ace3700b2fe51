/**
 * Whether there is a newer version, asked of the host of the releases. Only `cdx2 version --check` asks.
 * @module
 */

import * as z from "zod/mini";
import { type Clock, withDeadline } from "../../system/clock.ts";
import { type Send, SendError } from "../../system/http.ts";
import { parseJson } from "../../values/json.ts";
import { UserError } from "../../values/user_error.ts";
import { latencyText } from "../../values/durations.ts";

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 5;

/** What is asked, and with what. */
export interface Asking {
  readonly send: Send;
  readonly clock: Clock;
  /** The place of the releases, without a slash at its end. */
  readonly releasesUrl: string;
}

/** The version of the latest release. @throws {@link UserError} when it cannot be had */
export async function newestVersion({ send, clock, releasesUrl }: Asking): Promise<string> {
  const url = `${releasesUrl}/latest/download/latest.json`;
  const failed = (reason: string) =>
    new UserError(`Cannot look for a newer version: ${new URL(url).host} ${reason}`, {
      hint: "look at this machine's network, or set CDX2_RELEASES_URL",
    });
  try {
    const text = await withDeadline(clock, TIMEOUT_MS, (signal) => fetchText(send, url, signal));
    if (text === undefined) throw failed(`said nothing within ${latencyText(TIMEOUT_MS)}`);
    if (typeof text === "number") throw failed(`answered with status ${text}`);
    const { data } = z.safeParse(
      z.object({ version: z.string().check(z.regex(/^\d+\.\d+\.\d+/)) }),
      parseJson(text),
    );
    if (data === undefined) throw failed("did not say a version");
    return data.version;
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    throw failed(`cannot be reached: ${error.message}`);
  }
}

/** The body, or the status of an answer that is none. Hosts of releases send on to where the file is. */
async function fetchText(send: Send, from: string, signal: AbortSignal): Promise<string | number> {
  let url = from;
  for (let redirects = 0;; redirects++) {
    const headers = new Headers({ "accept-encoding": "identity" });
    const response = await send({ url, method: "GET", headers, signal });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location && redirects < MAX_REDIRECTS) {
      await response.body?.cancel();
      url = new URL(location, url).href;
      continue;
    }
    if (response.ok) return await response.text();
    await response.body?.cancel();
    return response.status;
  }
}

/** Whether `other` comes after `version`, by the three numbers; what follows them does not count. */
export function isNewer(other: string, version: string): boolean {
  const [theirs, ours] = [numbersIn(other), numbersIn(version)];
  const at = theirs.findIndex((number, index) => number !== ours[index]);
  return at !== -1 && theirs[at]! > ours[at]!;
}

function numbersIn(version: string): readonly number[] {
  const numbers = version.split(/[.+-]/).slice(0, 3).map(Number);
  return numbers.map((number) => Number.isNaN(number) ? 0 : number);
}
