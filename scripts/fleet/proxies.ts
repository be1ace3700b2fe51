/**
 * Real proxies for the proofs of a shared pool, each with an auth dir of its own.
 * @module
 */

import { Home } from "../../tests/support/program.ts";
import type { RedisServer } from "../../tests/support/redis_server.ts";
import { MANAGEMENT_KEY } from "../../tests/support/service.ts";
import { POOL_SECRET } from "./thread.ts";

/** What a proxy is given. */
export interface ProxyPlan {
  /** The machine that it is on, as it calls itself. */
  readonly name: string;
  /** Where it sends requests. */
  readonly upstream: string;
  /** `undefined`: it is alone. */
  readonly engine: Pick<RedisServer, "url"> | undefined;
  /** The names of its keys; the token of `a` is `token-a`. */
  readonly keys: readonly string[];
}

/** The home of such a proxy, which is not started. */
export async function homeOf({ name, upstream, engine, keys }: ProxyPlan): Promise<Home> {
  const home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: upstream,
    CLIPROXY_HOLD_SECONDS: "0",
    ...(engine && {
      CLIPROXY_SHARED: engine.url,
      CLIPROXY_SHARED_SECRET: POOL_SECRET,
      CLIPROXY_MEMBER: name,
    }),
  });
  for (const key of keys) await home.addKey(`${key}.json`, `token-${key}`);
  return home;
}
