import assert from "node:assert/strict";
import { createManagementClient } from "../../src/api/client.ts";
import { runningKeyFile } from "../../src/cli/running_key.ts";
import { UserError } from "../../src/values/user_error.ts";
import { Secret } from "../../src/values/secret.ts";
import { newEntry, reportOf } from "../../src/auth/pool_entry.ts";
import { accountView } from "../../src/proxy/account_view.ts";
import { aRecord, POLICY, T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("runningKeyFile() finds a key of the proxy by its names, and says which there are otherwise", async () => {
  const accounts = ["work.json", "home.json"].map((file) =>
    accountView(reportOf(newEntry(aRecord(file.slice(0, -5))), POLICY, T0), POLICY, T0)
  );
  const client = createManagementClient({
    send: () => Promise.resolve(Response.json({ ok: true, running_requests: 0, accounts })),
    clock: new FakeClock(),
    baseUrl: "http://127.0.0.1:1",
    managementKey: new Secret("k"),
  });
  assert.equal(await runningKeyFile(client, "work", "Cannot find the key: "), "work.json");
  await assert.rejects(
    runningKeyFile(client, "wrk", "Cannot find the key: "),
    (error) => error instanceof UserError && error.message.startsWith("Cannot find the key: "),
  );
});
