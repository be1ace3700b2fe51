import assert from "node:assert/strict";
import { debug } from "../../src/api/debug.ts";
import { received } from "../../src/api/received.ts";
import { describeSettings } from "../../src/config/settings.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { aDebugView, someSettings } from "../support/service_world.ts";
import { assertIs } from "../support/pages.ts";

Deno.test("GET /debug answers what is declared, and nothing else", async () => {
  const { body } = await aManagedProxy().ask("GET /debug");
  assertIs(debug, body);
});

Deno.test("GET /debug declares the settings as they are described", () => {
  const page = aDebugView({ settings: describeSettings(someSettings()) });
  assertIs(debug, page);
});

Deno.test("an answer of /debug without one of its first fields is not that of a cdx2 proxy", () => {
  // These came later: a proxy of an older version is still running without them.
  const { restarts: _, last_restart: __, running_requests: ___, websockets: ____, shared: _____, ...first } =
    aDebugView();
  assert.deepEqual(received(debug, first), aDebugView());
  for (const name of Object.keys(first)) {
    assert.equal(received(debug, { ...aDebugView(), [name]: undefined }), undefined, name);
  }
});

Deno.test("a newer proxy may have another status, further fields and further kinds of settings in /debug", () => {
  const setting = { value: 3, source: "gateway", unit: "fortnights", since: "2028" };
  const page = { ...aDebugView(), status: "resting", region: "eu", settings: { pace: setting } };
  assert.deepEqual(received(debug, page), page);
});
