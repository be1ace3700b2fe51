import assert from "node:assert/strict";
import { runningClient, serviceDeps, unwrap } from "../../src/cli/service.ts";
import { CliWorld } from "../support/cli_world.ts";
import { ServiceWorld } from "../support/service_world.ts";

Deno.test("serviceDeps() reaches the proxy directly, also when it moves to another host", async () => {
  const world = new CliWorld();
  const { connect } = await serviceDeps(world.world(), {});
  for (const host of ["127.0.0.1", "192.0.2.7"]) await connect(`http://${host}:8317`, undefined).debug();
  assert.deepEqual(world.directHosts, ["127.0.0.1", "192.0.2.7"]);
});

const SERVICES: { when: string; service?: Parameters<ServiceWorld["runService"]>[0]; says: RegExp }[] = [
  { when: "none is running", says: /^The proxy is not running$/ },
  { when: "it has another key", service: { key: "another-key" }, says: /has another management key$/ },
  {
    when: "it hangs",
    service: { hangs: true },
    says: /^The proxy \(pid 4120\) does not answer: no answer within/,
  },
];

for (const { when, service, says } of SERVICES) {
  Deno.test(`runningClient() throws a UserError when ${when}`, async () => {
    const world = new ServiceWorld();
    if (service) world.runService(service);
    const asking = assert.rejects(runningClient({ ...world.deps(), gateway: undefined }), {
      name: "UserError",
      message: says,
    });
    await world.clock.advance(60_000);
    await asking;
  });
}

Deno.test("unwrap() returns the answer, and throws a UserError without one", () => {
  assert.equal(unwrap({ kind: "answer", value: 7 }), 7);
  assert.throws(() => unwrap({ kind: "unauthorized" }), /another management key/);
  assert.throws(() => unwrap({ kind: "unreachable", reason: "refused" }), /does not answer: refused/);
});
