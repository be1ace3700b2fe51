import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderList } from "../../src/values/header_list.ts";
import { fuzzRuns } from "../support/fuzz.ts";

/** What can be done to headers, in a list that may have any. */
const NAMES = ["a", "A", "x-b", "X-B", "set-cookie", "Set-Cookie", "connection", "", "x y", "x:", "é"];
const VALUES = ["1", " 2 ", "\t3\r\n", "a\xe9\x80", "\xa0x\xa0", "a\nb", "a\0", "ä€", "1, 2"];
const name = fc.constantFrom(...NAMES);
const value = fc.constantFrom(...VALUES);
const step = fc.oneof(
  fc.record({ act: fc.constant("append" as const), name, value }),
  fc.record({ act: fc.constant("set" as const), name, value }),
  fc.record({ act: fc.constant("delete" as const), name: fc.constantFrom("a", "X-B", "set-cookie", "z") }),
);

type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;

/** What comes of these steps; an error is part of it. */
function outcome(headers: Headers, steps: readonly Step[]): unknown {
  const errors = steps.map((one) => {
    try {
      if (one.act === "delete") headers.delete(one.name);
      else headers[one.act](one.name, one.value);
      return "done";
    } catch (error) {
      return error instanceof TypeError ? "TypeError" : error;
    }
  });
  const walked: [string, string][] = [];
  headers.forEach((value, name) => walked.push([name, value]));
  const sorted = (pairs: [string, string][]) => pairs.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  const asked = ["a", "A", "x-b", "SET-COOKIE", "none"];
  return {
    errors,
    walked: sorted(walked),
    entries: sorted([...headers.entries()]),
    pairs: sorted([...headers]),
    keys: [...headers.keys()].toSorted(),
    values: [...headers.values()].toSorted(),
    cookies: headers.getSetCookie(),
    got: asked.map((name) => [headers.get(name), headers.has(name)]),
  };
}

Deno.test("HeaderList does what Headers does", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      assert.deepEqual(outcome(new HeaderList(), steps), outcome(new Headers(), steps));
    }),
    { numRuns: fuzzRuns(500) },
  );
});

Deno.test("HeaderList is walked in the order in which its headers came", () => {
  const headers = new HeaderList();
  for (
    const [name, value] of [["z", "1"], ["a", "2"], ["z", "3"], ["set-cookie", "b"], ["set-cookie", "a"]]
  ) {
    headers.append(name!, value!);
  }
  assert.deepEqual([...headers], [["z", "1, 3"], ["a", "2"], ["set-cookie", "b"], ["set-cookie", "a"]]);
});

Deno.test("HeaderList takes no control character, as RFC 9110 says", () => {
  for (const value of ["a\x0b", "\x01a", "a\x7f", "a\x1bb"]) {
    assert.throws(() => new HeaderList().set("a", value), TypeError, JSON.stringify(value));
  }
});
