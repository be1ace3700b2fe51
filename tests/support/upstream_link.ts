// The way to an upstream in memory, with the timeouts of the defaults.

import type { UpstreamLink } from "../../src/upstream/attempt_watch.ts";
import { ConnectionReuse } from "../../src/upstream/connection_reuse.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeSend } from "./fake_send.ts";

export function aLink({ clock = new FakeClock(), ...over }: Partial<UpstreamLink> = {}): UpstreamLink {
  return {
    send: new FakeSend().send,
    clock,
    reuse: new ConnectionReuse(clock, () => {}),
    canConnect: undefined,
    timeouts: { connectTimeoutMs: 10_000, headTimeoutMs: 300_000, idleTimeoutMs: 300_000 },
    ...over,
  };
}
