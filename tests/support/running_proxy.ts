// A proxy with keys in front of a scripted upstream, all of it real but the upstream.

import { type FakeUpstream, startFakeUpstream } from "./fake_upstream.ts";
import { Home } from "./program.ts";
import { MANAGEMENT_KEY, Service } from "./service.ts";

/** Disposing of it ends all parts. */
export interface RunningProxy extends AsyncDisposable {
  readonly home: Home;
  readonly upstream: FakeUpstream;
  readonly service: Service;
}

/**
 * Starts a proxy whose auth dir holds `files`, texts by name. `script` tells the upstream what to answer, before
 * anything can be asked. No request waits for a key to become free.
 */
export async function startProxy(
  files: Readonly<Record<string, string>>,
  script: (upstream: FakeUpstream) => void,
): Promise<RunningProxy> {
  const upstream = await startFakeUpstream();
  script(upstream);
  const home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_HOLD_SECONDS: "0",
  });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${home.authDir}/${name}`, text);
  }
  const service = await Service.start(home);
  return {
    home,
    upstream,
    service,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}
