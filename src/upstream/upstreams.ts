/**
 * The upstreams of a pool: the one of the settings, and those that single keys have for themselves. Pure.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { Upstream } from "./upstream.ts";

/** All upstreams that a proxy sends to. */
export class Upstreams {
  /** The one of the settings, where every key without one of its own goes. */
  readonly main: Upstream;
  readonly #own = new Map<string, Upstream>();

  /** `url` is the base URL of the settings. */
  constructor(url: string) {
    this.main = new Upstream(url);
  }

  /** Where the token of a key may go. */
  of({ upstream: url }: Pick<AuthRecord, "upstream">): Upstream {
    return url === undefined ? this.main : this.#own.getOrInsertComputed(url, () => new Upstream(url));
  }
}
