/**
 * How a shared pool is doing, in one line for the user.
 * @module
 */

import type { Received } from "../api/received.ts";
import type { Shared } from "../api/shared.ts";
import { homeCommand } from "../credentials/renewal_text.ts";
import { printable, shortened } from "../screen/cells.ts";
import { counted, durationText, latencyText } from "../values/durations.ts";
import { expiryText } from "./auth/expiry.ts";
import { firstFew } from "../values/first_few.ts";

const MEMBER_CELLS = 40;
const MAX_HOMES = 3;

/** What a member calls itself; a proxy of another version or a gateway may hand on anything. */
export function memberText(name: string): string {
  return shortened(printable(name), MEMBER_CELLS);
}

/** Who renews the logins: `3 logins renewed: 2 here, 1 by build-1`; nothing where there is none. */
export function homesText({ logins = [] }: Received<Shared>): string | null {
  if (logins.length === 0) return null;
  const others = Map.groupBy(logins.filter(({ here }) => !here), ({ home }) => home);
  const here = logins.filter((login) => login.here).length;
  const parts = [
    ...(here > 0 ? [`${here} here`] : []),
    ...Array.from(others, ([home, of]) => {
      const isOff = home !== null && !of.some(({ there }) => there);
      return `${of.length} by ${home === null ? "nobody" : memberText(home)}${isOff ? " (off)" : ""}`;
    }),
  ];
  return `${counted(logins.length, "login")} renewed: ${firstFew(parts, MAX_HOMES)}`;
}

/** Such as `redis://build:6379 up, 3 members, a change takes 2 ms`. */
export function sharedText(
  { engine, state, reason, since, members, pending, lag_ms }: Received<Shared>,
): string {
  if (state === "connecting") return `${engine} connecting`;
  if (state === "degraded") {
    const waiting = pending === 0 ? "" : `, ${counted(pending, "change")} to tell`;
    return `${engine} degraded since ${since} (${reason}): this proxy acts alone${waiting}`;
  }
  const lag = lag_ms === null ? "" : `, a change takes ${latencyText(lag_ms)}`;
  return `${engine} up, ${counted(members.length, "member")}${lag}`;
}

/** Who renews the logins of this proxy's keys: one line for each, with what to type where nobody does. */
export function sharedLoginLines({ logins = [] }: Received<Shared>, nowMs: number): readonly string[] {
  return logins.map((login) => {
    const trouble = loginTrouble(login, nowMs);
    const home = login.home === null
      ? ""
      : login.here
      ? "renewed here"
      : `renewed by ${memberText(login.home)}`;
    const parts = [home, trouble?.warning, trouble && `run "${trouble.fix}"`].filter(Boolean);
    return `${printable(login.file)}: ${parts.join("; ")}`;
  });
}

/** A login of a shared pool that needs somebody, and what to type. */
export interface LoginTrouble {
  /** The key. */
  readonly file: string;
  /** A clause. */
  readonly warning: string;
  /** A command. */
  readonly fix: string;
}

// Its access token may have days to live, but the home should be back well before that.
const AWAY_MS = 10 * 60_000;

/** What is the matter with the renewal of a login; `undefined` when nothing is. */
export function loginTrouble(
  { file, home, here, there, seen_at, token_expires_at }: NonNullable<Received<Shared>["logins"]>[number],
  nowMs: number,
): LoginTrouble | undefined {
  const fix = printable(homeCommand(file));
  const endsMs = token_expires_at === null ? undefined : Date.parse(token_expires_at);
  const end = endsMs === undefined ? "" : `, its token ${expiryText(endsMs, nowMs)}`;
  if (home === null) return { file, warning: `no member renews its login yet${end}`, fix };
  if (here || there) return undefined;
  const awayMs = seen_at === null ? Infinity : nowMs - Date.parse(seen_at);
  if (awayMs < AWAY_MS) return undefined;
  const last = awayMs === Infinity ? "is off" : `was last seen ${durationText(awayMs)} ago`;
  return { file, warning: `its home ${memberText(home)} ${last}${end}`, fix };
}
