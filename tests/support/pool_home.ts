// The homes of real proxies that share a pool, each with an auth dir of its own.

import { runtimePaths } from "../../src/config/paths.ts";
import { Home } from "./program.ts";
import type { RedisServer } from "./redis_server.ts";
import { MANAGEMENT_KEY } from "./service.ts";

/** The secret of the pool. */
export const POOL_SECRET = "a-pool-secret-of-more-than-32-characters";

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

/** How often its proxy has written to the log that it acts alone. */
export async function downsOf({ authDir }: Home): Promise<number> {
  const log = await Deno.readTextFile(runtimePaths(authDir).eventsFile).catch(() => "");
  return log.split("\n").filter((line) => line.includes('"shared.down"')).length;
}
