// What comes from other programs: signals that would end any process at once, and what a child of ours gets to see.

import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { happyEvents, sse } from "../../support/answers.ts";
import { startFakeUpstream } from "../../support/fake_upstream.ts";
import { Home, until } from "../../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../../support/service.ts";

const ENV = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY };
const ignore = Deno.build.os === "windows";

for (const name of ["SIGQUIT", "SIGUSR1"] as const) {
  Deno.test({
    name: `${name} ends the service in order: a running stream reaches its end`,
    ignore,
    fn: async () => {
      await using upstream = await startFakeUpstream();
      const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
      const path = "/backend-api/codex/responses";
      upstream.reply({ path }, sse(happyEvents("to the end"), { lastAfter: finished }));
      await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
      await home.addKey("work.json", "token-of-work");
      const service = await Service.start(home);
      const running = await service.ask();
      service.signal(name);
      await until("new requests are refused", async () => await service.askForStatus() === 503);
      finish();
      assert.match(await running.text(), /event: response\.completed\n/);
      await service.untilGone();
      const events = await Deno.readTextFile(runtimePaths(home.authDir).eventsFile);
      assert.match(events, new RegExp(`"event":"proxy.stopped".*signal ${name}`));
    },
  });
}

Deno.test({
  name: "SIGUSR2, at which Deno returns memory, ends nothing: neither where it does nor elsewhere",
  ignore,
  fn: async () => {
    for (const start of [Service.start, Service.startInBackground]) {
      await using home = await Home.make(ENV);
      const service = await start(home);
      for (let count = 0; count < 3; count++) service.signal("SIGUSR2");
      assert.equal((await service.manage("/debug")).status, 200);
      assert.ok(await service.isRunning());
    }
  },
});

Deno.test({
  name: "cdx2 run keeps the management key from its child",
  ignore,
  fn: async () => {
    await using home = await Home.make(ENV);
    const { code, stdout } = await home.run(["run", "--", "env"]);
    assert.equal(code, 0);
    assert.match(stdout, /^OPENAI_BASE_URL=http:/m);
    assert.ok(!stdout.includes(MANAGEMENT_KEY), stdout);
  },
});
