// New tokens that arrive while no file can be written: until they are on the disk they exist only in one process, and the
// old ones are used up.

import assert from "node:assert/strict";
import { smallDisk } from "../../support/small_disk.ts";
import { startIssuer } from "../../support/issuer.ts";
import { homeAt } from "../../support/issuer_home.ts";
import { until } from "../../support/program.ts";
import { Service } from "../../support/service.ts";

Deno.test({
  name: "new tokens that come while the disk is full are written when there is room, and none is lost",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using issuer = await startIssuer({ faults: [{ delayMs: 2000, times: 1 }] });
    await using home = await homeAt(issuer);
    // The notes about renewals are on it as well.
    await using disk = await smallDisk(home.folder, 2_000);
    // Not tried where mounting is not permitted.
    if (disk === undefined) return;
    await Deno.mkdir(home.authDir, { mode: 0o700 });
    const family = issuer.mint({ ttlS: 240, ageS: 36_000 });
    const path = `${home.authDir}/due.json`;
    await Deno.writeTextFile(path, issuer.authFile(family), { mode: 0o600 });
    const service = await Service.start(home);
    await until("the token is at the issuer", () => issuer.requestsOf("/oauth/token").length === 1);
    const filler = `${home.folder}/filler`;
    await assert.rejects(Deno.writeFile(filler, new Uint8Array(4_000_000)), /no space left/i);
    await until("the issuer has answered", () => family.refreshes === 1);
    assert.equal(await service.askForStatus(), 200);
    await Deno.remove(filler);
    await until("the tokens are in their file", async () => {
      return (await Deno.readTextFile(path)).includes(family.current.access_token);
    });
    assert.equal(await service.askForStatus(), 200);
    assert.deepEqual([family.refreshes, issuer.reuses], [1, 0]);
    await service.stop();
  },
});
