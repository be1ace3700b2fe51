import assert from "node:assert/strict";
import { endToEnd, HOP_BY_HOP } from "../../src/upstream/headers.ts";

const isHopByHop = (name: string) => HOP_BY_HOP.includes(name);

Deno.test("endToEnd() drops what is named, and what Connection names", () => {
  const incoming = new Headers({
    connection: "keep-alive, X-Private",
    "x-private": "1",
    te: "trailers",
    "x-kept": "1",
  });
  assert.deepEqual([...endToEnd(incoming, isHopByHop)], [["x-kept", "1"]]);
});

Deno.test("endToEnd() keeps headers of one name apart where they must be, and changes nothing of its source", () => {
  const incoming = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["connection", "close"]]);
  assert.deepEqual(endToEnd(incoming, isHopByHop).getSetCookie(), ["a=1", "b=2"]);
  assert.equal(incoming.get("connection"), "close");
});
