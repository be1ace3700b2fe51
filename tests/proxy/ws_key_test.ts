// The relay as a whole, as far as a connection leaves a key that is usable.

import assert from "node:assert/strict";
import { aRecord } from "../support/builders.ts";
import { aWsRelay } from "../support/fake_ws.ts";

const completed = { type: "response.completed", response: { id: "r1" } };

Deno.test("a connection is left between calls as soon as a key of a higher priority is free", async () => {
  const { open, sockets, pool, clock } = aWsRelay([]);
  const reserve = aRecord("b", { priority: -10 });
  pool.merge([reserve], clock.nowMs());
  const client = await open();
  client.call();
  sockets[0]!.say(completed);
  client.call({ previous_response_id: "r1" });
  assert.deepEqual([sockets[0]!.name, client.closeCode], ["b", undefined]);
  pool.merge([aRecord("a"), reserve], clock.nowMs());
  await clock.advance(0);
  assert.equal(client.closeCode, undefined);
  sockets[0]!.say(completed);
  assert.deepEqual([client.types.length, client.closeCode], [2, 1012]);
  await open();
  assert.equal(sockets[1]!.name, "a");
});

Deno.test("a connection stays while its key is as good as the others, with a session and without", async () => {
  for (const headers of [{ "session-id": "s" }, {}]) {
    const { ask, clients, sockets } = aWsRelay(["a", "b", "c"]);
    await ask({ headers: new Headers(headers as Record<string, string>) });
    const client = clients[0]!;
    client.listener.onOpen();
    for (let count = 0; count < 3; count++) {
      client.call();
      sockets[0]!.say(completed);
    }
    assert.deepEqual([client.types.length, client.closeCode], [3, undefined]);
  }
});
