/**
 * The worker's end of renewals: refused tokens go to the main thread, which may renew them, and what became of it comes
 * back. The worker itself can reach no issuer.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { LoginHeld } from "../credentials/logins_held.ts";
import type { Publish } from "../observability/event.ts";
import { renewalEvent } from "../observability/renewal_events.ts";
import { type Clock, holdsWithin } from "../system/clock.ts";
import type { KeyFolder } from "./key_folder.ts";
import type { RenewalNews } from "./renewal_schedule.ts";

/** Other machines with copies of our logins. */
export interface RenewalSharer {
  /** Has the one that renews this key do so: its token was refused. Whether there is one. */
  readonly asks: (record: AuthRecord) => boolean;
  /** What the files of this machine hold. */
  readonly takesLogins: (logins: readonly LoginHeld[]) => void;
}

/** What a {@link RenewalLink} connects. */
export interface RenewalLinkOptions {
  /** Has the pool that waits for new tokens, and finds them. */
  readonly keys: Pick<KeyFolder, "pool" | "refresh">;
  /** Reports how renewals end. */
  readonly publish: Publish;
  /** Dates that, and times the waiting for another machine. */
  readonly clock: Clock;
  /** Whether the main thread renews keys. */
  readonly renewsHere: boolean;
  /** Other machines that may renew keys; `undefined` when there are none. */
  readonly shared: RenewalSharer | undefined;
}

// A renewal at the other machine takes a second or two, and this has to come before the end of what clients wait for.
const MAX_WAIT_MS = 15_000;

/** What the main thread is asked for. */
export type RenewalRequest =
  /** The upstream has refused the access token with this {@link fingerprint}: renew it, if that can be. */
  | { readonly kind: "token_refused"; readonly file: string; readonly accessHash: string }
  /** A request waits for the renewal of this key: it is to come before those that nobody waits for. */
  | { readonly kind: "renewal_awaited"; readonly file: string };

/** Takes what the main thread says; before it is connected, it keeps that. */
export class RenewalLink {
  readonly #early: RenewalNews[] = [];
  readonly #ask: (request: RenewalRequest) => void;
  #options: RenewalLinkOptions | undefined;

  /** `ask` asks the main thread. */
  constructor(ask: (request: RenewalRequest) => void) {
    this.#ask = ask;
  }

  /** From now on refused tokens are asked for, and news has its effect. */
  connect(options: RenewalLinkOptions): void {
    this.#options = options;
    const { keys: { pool }, renewsHere } = options;
    pool.renewals.askWith(
      (record) => this.#refused(record),
      (file) => this.#ask({ kind: "renewal_awaited", file }),
    );
    // Otherwise nobody says which are queued.
    if (!renewsHere) pool.renewals.queue([]);
    for (const news of this.#early.splice(0)) void this.take(news);
  }

  /** The upstream refuses the token of this key. */
  askFor({ file, token }: AuthRecord): void {
    this.#ask({ kind: "token_refused", file, accessHash: fingerprint(token) });
  }

  #refused(record: AuthRecord): void {
    const { keys: { pool }, renewsHere, shared } = this.#options!;
    if (shared?.asks(record)) void this.#awaitToken(record);
    else if (renewsHere) this.askFor(record);
    else pool.renewals.end(record.file, false);
  }

  /** The other machine may be off: then the refusal counts. */
  async #awaitToken({ file, token }: AuthRecord): Promise<void> {
    const { keys: { pool }, clock } = this.#options!;
    const hasNew = await holdsWithin(clock, MAX_WAIT_MS, {
      holds: () => pool.records.some((known) => known.file === file && !known.token.equals(token)),
      nextChange: () => pool.nextChange(),
    });
    pool.renewals.end(file, hasNew);
  }

  /** Resolves when the news has had its effect. */
  async take(news: RenewalNews): Promise<void> {
    if (!this.#options) return void this.#early.push(news);
    const { keys, publish, clock, shared } = this.#options;
    if (news.kind === "logins_held") return shared?.takesLogins(news.logins);
    const { renewals } = keys.pool;
    if (news.kind === "renewals_queued") return renewals.queue(news.files);
    const { file, renewal } = news;
    const event = renewal && renewalEvent(renewal, clock.nowMs());
    if (event) publish(event);
    const isRenewed = renewal?.outcome === "renewed" || renewal?.outcome === "adopted";
    // First the new token, so that no request is given the old one.
    if (isRenewed) await keys.refresh();
    renewals.end(file, isRenewed);
  }
}
