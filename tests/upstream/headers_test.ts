import assert from "node:assert/strict";
import { copyEndToEnd, HOP_BY_HOP } from "../../src/upstream/headers.ts";

function endToEnd(incoming: Headers): Headers {
  const copy = new Headers();
  copyEndToEnd(incoming, copy, { isDropped: (name) => HOP_BY_HOP.includes(name) });
  return copy;
}

Deno.test("copyEndToEnd() drops what is named, and what Connection names", () => {
  const incoming = new Headers({
    connection: "keep-alive, X-Private",
    "x-private": "1",
    te: "trailers",
    "x-kept": "1",
  });
  assert.deepEqual([...endToEnd(incoming)], [["x-kept", "1"]]);
});

Deno.test("copyEndToEnd() keeps headers of one name apart where they must be, and changes nothing of its source", () => {
  const incoming = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["connection", "close"]]);
  assert.deepEqual(endToEnd(incoming).getSetCookie(), ["a=1", "b=2"]);
  assert.equal(incoming.get("connection"), "close");
});
