import assert from "node:assert/strict";
import { FetchFallback } from "../../src/system/fetch_fallback.ts";
import { SendError, type SendFailure, type SendUpstream } from "../../src/system/http.ts";
import { UnresolvedName } from "../../src/system/name_lookup.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aWorld(failure: SendFailure | undefined) {
  const clock = new FakeClock();
  const used: string[] = [];
  const sending = (client: string, fails?: SendFailure): SendUpstream => () => {
    used.push(client);
    return fails ? Promise.reject(new SendError(fails, "no")) : Promise.resolve(new Response(client));
  };
  const fallback = new FetchFallback({ own: sending("own", failure), fetch: sending("fetch"), clock });
  const { signal } = new AbortController();
  const send = () => fallback.send({ url: "http://a", method: "GET", headers: new Headers(), signal });
  return { clock, used, fallback, send };
}

Deno.test("FetchFallback sends with our own client as long as that connects", async () => {
  const { used, fallback, send } = aWorld(undefined);
  await send();
  await send();
  assert.deepEqual([used, fallback.isActive], [["own", "own"], false]);
});

Deno.test("FetchFallback sends with fetch for a minute after our own client could not connect", async () => {
  const { clock, used, fallback, send } = aWorld("not_sent");
  await send();
  assert.equal(fallback.isActive, true);
  await clock.advance(59_000);
  await send();
  await clock.advance(1000);
  assert.equal(fallback.isActive, false);
  await send();
  assert.deepEqual(used, ["own", "fetch", "fetch", "own", "fetch"]);
});

for (const failure of ["interrupted", "bad_answer", "aborted"] as const) {
  Deno.test(`FetchFallback sends nothing twice that may have arrived: ${failure}`, async () => {
    const { used, send } = aWorld(failure);
    await assert.rejects(send(), { failure });
    await assert.rejects(send(), { failure });
    assert.deepEqual(used, ["own", "own"]);
  });
}

Deno.test("FetchFallback asks no name server twice", async () => {
  const unresolved = new UnresolvedName("no name");
  const own = () => Promise.reject(unresolved);
  const fetch = () => Promise.reject(new Error("asked"));
  const fallback = new FetchFallback({ own, fetch, clock: new FakeClock() });
  const { signal } = new AbortController();
  const request = { url: "http://a", method: "GET", headers: new Headers(), signal };
  await assert.rejects(fallback.send(request), unresolved);
  assert.equal(fallback.isActive, false);
});
