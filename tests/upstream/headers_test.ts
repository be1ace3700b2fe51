import assert from "node:assert/strict";
import fc from "fast-check";
import { copyEndToEnd, HOP_BY_HOP } from "../../src/upstream/headers.ts";
import { fuzzRuns } from "../support/fuzz.ts";

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

const NAMES = [...HOP_BY_HOP, "X-Kept", "x-private", "x-other", "Set-Cookie", "content-type", "host"];
const name = fc.constantFrom(...NAMES);
const spelled = fc.tuple(name, fc.boolean()).map(([one, isLoud]) => isLoud ? one.toUpperCase() : one);
const option = fc.tuple(fc.constantFrom("", " ", "\t"), spelled).map(([blank, one]) => blank + one);
const line = fc.oneof(
  fc.tuple(spelled, fc.constantFrom("0", "1", "a, b", "chunked", "x".repeat(99))),
  fc.tuple(fc.constant("Connection"), fc.array(option).map((options) => options.join(","))),
);

Deno.test("copyEndToEnd() passes on whatever is for the other end, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const incoming = new Headers(lines);
      const named = lines.filter(([one]) => one.toLowerCase() === "connection")
        .flatMap(([, value]) => value.toLowerCase().split(",").map((one) => one.trim()));
      const isEndToEnd = (one: string) => !HOP_BY_HOP.includes(one) && !named.includes(one);
      assert.deepEqual([...endToEnd(incoming)], [...incoming].filter(([one]) => isEndToEnd(one)));
    }),
    { numRuns: fuzzRuns() },
  );
});
