/**
 * The worker's end of renewals: refused tokens go to the main thread, which may renew them, and what became of it comes
 * back. The worker itself can reach no issuer.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { Publish } from "../observability/event.ts";
import { renewalEvent } from "../observability/renewal_events.ts";
import type { Clock } from "../system/clock.ts";
import type { KeyFolder } from "./key_folder.ts";
import type { RenewalNews } from "./renewal_schedule.ts";

/** What a {@link RenewalLink} connects. */
export interface RenewalLinkOptions {
  /** Has the pool that waits for new tokens, and finds them. */
  readonly keys: Pick<KeyFolder, "pool" | "refresh">;
  /** Reports how renewals end. */
  readonly publish: Publish;
  /** Dates that. */
  readonly clock: Clock;
}

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
    const { keys: { pool } } = options;
    pool.renewals.askWith(
      ({ file, token }) => this.#ask({ kind: "token_refused", file, accessHash: fingerprint(token) }),
      (file) => this.#ask({ kind: "renewal_awaited", file }),
    );
    for (const news of this.#early.splice(0)) void this.take(news);
  }

  /** Resolves when the news has had its effect. */
  async take(news: RenewalNews): Promise<void> {
    if (!this.#options) return void this.#early.push(news);
    const { keys, publish, clock } = this.#options;
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
