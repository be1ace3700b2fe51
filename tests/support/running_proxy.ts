// A proxy with keys in front of a scripted upstream, all of it real but the upstream.

import type { Trace } from "../../src/api/trace.ts";
import { type FakeUpstream, startFakeUpstream } from "./fake_upstream.ts";
import { Home } from "./program.ts";
import { MANAGEMENT_KEY, Service } from "./service.ts";

/** Disposing of it ends all parts. */
export interface RunningProxy extends AsyncDisposable {
  readonly home: Home;
  readonly upstream: FakeUpstream;
  readonly service: Service;
  /** The proxy's address. */
  readonly url: string;
  /** For the next of many cases on one proxy: what was asked so far is forgotten, and each key gets another chance. */
  startOver(): Promise<void>;
  /** The attempts since then, oldest first. */
  attempts(): Promise<Trace["events"]>;
}

/** How a proxy is to run. */
export interface ProxySetup {
  /** Goes over the environment of the proxy. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** As in {@link startFakeUpstream}. */
  readonly basePath?: string | undefined;
}

/** Starts a proxy that has a key `token-NAME` for each name, in the file `NAME.json`. */
export async function startProxyWith(
  names: readonly string[],
  { env = {}, basePath = "/backend-api" }: ProxySetup = {},
): Promise<RunningProxy> {
  return await start(await startFakeUpstream({ basePath }), env, async (home) => {
    for (const name of names) await home.addKey(`${name}.json`, `token-${name}`);
  });
}

/**
 * Starts a proxy whose auth dir holds `files`, texts by name. `script` tells the upstream what to answer, before
 * anything can be asked. No request waits for a key to become free.
 */
export async function startProxy(
  files: Readonly<Record<string, string>>,
  script: (upstream: FakeUpstream) => void,
  { env = {} }: Pick<ProxySetup, "env"> = {},
): Promise<RunningProxy> {
  const upstream = await startFakeUpstream();
  script(upstream);
  return await start(upstream, { CLIPROXY_HOLD_SECONDS: "0", ...env }, async ({ authDir }) => {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${authDir}/${name}`, text);
  });
}

async function start(
  upstream: FakeUpstream,
  env: Readonly<Record<string, string>>,
  addKeys: (home: Home) => Promise<void>,
): Promise<RunningProxy> {
  const home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: upstream.url,
    ...env,
  });
  await addKeys(home);
  const service = await Service.start(home);
  let forgotten = 0;
  return {
    home,
    upstream,
    service,
    url: service.baseUrl,
    async startOver() {
      await (await service.manage("/reset", "POST")).body?.cancel();
      upstream.startOver();
      forgotten = (await service.attempts()).at(-1)?.id ?? 0;
    },
    attempts: () => service.attempts(forgotten),
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}
