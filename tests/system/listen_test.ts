import assert from "node:assert/strict";
import { freePort, ListenError, listening } from "../../src/system/listen.ts";

const LOOPBACK = "127.0.0.1";

function listenFailure(hostname: string, port: number): string {
  try {
    listening({ hostname, port }).close();
    return "none";
  } catch (error) {
    assert.ok(error instanceof ListenError, String(error));
    return error.reason;
  }
}

Deno.test("listening() says why it cannot listen", () => {
  using taken = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const cases = [
    [LOOPBACK, taken.addr.port, "address_in_use"],
    // Set apart for documentation: no machine has it.
    ["192.0.2.1", 0, "address_not_available"],
    ["no-such-name.invalid", 0, "other"],
  ] as const;
  for (const [hostname, port, reason] of cases) assert.equal(listenFailure(hostname, port), reason, hostname);
});

Deno.test({
  name: "listening() says so when it may not listen",
  permissions: { net: [`${LOOPBACK}:1`] },
  fn: () => assert.equal(listenFailure(LOOPBACK, 0), "denied"),
});

Deno.test("freePort() names a port that can be listened on", () => {
  const port = freePort(LOOPBACK);
  Deno.listen({ hostname: LOOPBACK, port }).close();
});

Deno.test("freePort() says why there is none", () => {
  assert.throws(() => freePort("203.0.113.1"), { name: "ListenError", reason: "address_not_available" });
});
