/**
 * How the proxy is doing as a member of a shared pool, as `doctor` says it.
 * @module
 */

import type { Received } from "../../api/received.ts";
import type { Shared } from "../../api/shared.ts";
import { isLoopbackHost, unbracketed } from "../../config/address.ts";
import { printable } from "../../screen/cells.ts";
import { durationText, latencyText } from "../../values/durations.ts";
import { homesText, loginTrouble, memberText, sharedText } from "../shared_text.ts";
import { listed, ok, warn } from "./finding.ts";
import type { Finding } from "./page.ts";

const MAX_ENGINE_SKEW_MS = 5000;

/** How the shared pool is doing, and what is the matter with its homes; `undefined` when there is none. */
export function checkShared(
  shared: Received<Shared> | null | undefined,
  nowMs: number,
): Finding | undefined {
  if (!shared) return undefined;
  const { state, engine, clock_off_ms, unreadable, found_by } = shared;
  const text = sharedText(shared);
  if (state === "degraded") {
    return warn(text, "requests are answered as ever; look at the server and the way to it");
  }
  if (Math.abs(clock_off_ms) > MAX_ENGINE_SKEW_MS) {
    const apart = durationText(Math.abs(clock_off_ms));
    const side = clock_off_ms > 0 ? "behind" : "ahead of";
    return warn(
      `this machine's clock is ${apart} ${side} that of ${engine}`,
      'see "cdx2 pool" for whose is off',
    );
  }
  if (shared.twin) {
    return warn(
      `${memberText(shared.twin)} has a copy of this machine's state folder, and neither renews for the pool`,
      "remove refresh/member.id from the copy, and start the proxy there again",
    );
  }
  const troubles = (shared.logins ?? []).flatMap((login) => loginTrouble(login, nowMs) ?? []);
  if (troubles.length > 0) {
    const said = troubles.map(({ file, warning }) => `${printable(file)}: ${warning}`).join("; ");
    return warn(
      `${text}; ${said}`,
      `start the home again, or run ${troubles.map(({ fix }) => `"${fix}"`).join(", ")}`,
    );
  }
  if (unreadable > 0) {
    return warn(
      `${text}; ${unreadable} records there are of another secret`,
      "give all members one CLIPROXY_SHARED_SECRET, or each pool a CLIPROXY_SHARED_NAMESPACE",
    );
  }
  if (/^redis:/.test(engine) && !isLoopbackHost(unbracketed(new URL(engine).hostname))) {
    return warn(`${text}; without TLS`, "use rediss:// unless the network there is trusted");
  }
  const found = found_by.map(({ file, member }) => `${printable(file)} found by ${memberText(member)}`);
  const side = clock_off_ms < 0 ? "fast" : "slow";
  const clock = clock_off_ms === 0
    ? "its clock is this machine's"
    : `this machine's clock is ${latencyText(Math.abs(clock_off_ms))} ${side}`;
  return ok([text, clock, homesText(shared) ?? "", listed(found)].filter(Boolean).join("; "));
}
