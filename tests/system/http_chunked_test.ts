// Bodies of answers, read by the own HTTP client off a connection, and answers of all kinds cut and damaged at random.

import assert from "node:assert/strict";
import fc from "fast-check";
import { damaged, damages } from "../support/damage.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { type AnswerRow, bytesOf, checkAnswer, CHUNKED, cut, OK, receive } from "../support/raw_http.ts";

const ROWS: Readonly<Record<string, AnswerRow>> = {
  "chunks": { bytes: `${CHUNKED}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`, head: "200", body: "hello", isKept: true },
  "a chunk with an extension": {
    bytes: `${CHUNKED}5;a="b"\r\nhello\r\n0;c\r\n\r\n`,
    head: "200",
    body: "hello",
    isKept: true,
  },
  "large hexadecimal sizes": {
    bytes: `${CHUNKED}0A\r\n0123456789\r\n00\r\n\r\n`,
    head: "200",
    body: "0123456789",
    isKept: true,
  },
  "trailers, which are dropped": {
    bytes: `${CHUNKED}1\r\nx\r\n0\r\na: b\r\nc: d\r\n\r\n`,
    head: "200",
    body: "x",
    isKept: true,
  },
  "chunks without their end": { bytes: `${CHUNKED}3\r\nhel\r\n`, head: "200", body: "broken" },
  "a chunk that is longer than its size": {
    bytes: `${CHUNKED}3\r\nhello\r\n0\r\n\r\n`,
    head: "200",
    body: "broken",
  },
  "a chunk with a bare line feed": { bytes: `${CHUNKED}3\nhel\r\n0\r\n\r\n`, head: "200", body: "broken" },
  "a chunk without a size": { bytes: `${CHUNKED}\r\nhel\r\n0\r\n\r\n`, head: "200", body: "broken" },
  "a negative size": { bytes: `${CHUNKED}-3\r\nhel\r\n0\r\n\r\n`, head: "200", body: "broken" },
  "a size with 0x": { bytes: `${CHUNKED}0x3\r\nhel\r\n0\r\n\r\n`, head: "200", body: "broken" },
  "a size that is too large": { bytes: `${CHUNKED}fffffffffffffffff\r\n`, head: "200", body: "broken" },
  "an extension without an end": { bytes: `${CHUNKED}3;${"x".repeat(5000)}`, head: "200", body: "broken" },
  "a trailer that is none": { bytes: `${CHUNKED}0\r\nno trailer\r\n\r\n`, head: "200", body: "broken" },
  "trailers without an end": {
    bytes: `${CHUNKED}0\r\na: ${"x".repeat(70_000)}`,
    head: "200",
    body: "broken",
  },
  "more than the chunks": { bytes: `${CHUNKED}1\r\nx\r\n0\r\n\r\ny`, head: "200", body: "x" },
};

for (const [what, row] of Object.entries(ROWS)) {
  Deno.test(`a body: ${what}`, () => checkAnswer(row));
}

// Each run has a connection of its own: ten times what a parser alone takes.
const RUNS = fuzzRuns(1000);

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** A valid answer in chunks of these sizes, with and without ornaments. */
const answer = fc.record({
  body: fc.uint8Array({ maxLength: 300 }),
  sizes: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 8 }),
  framing: fc.constantFrom("length", "chunked", "until_close"),
  interim: fc.boolean(),
  extension: fc.constantFrom("", ";a", ';a="b c"', " ;x=y"),
  trailers: fc.constantFrom("", "a: b\r\n", "a: b\r\nc: \r\n"),
});

function serialised({ body, sizes, framing, interim, extension, trailers }: ValueOf<typeof answer>): string {
  const text = Array.from(body, (byte) => String.fromCharCode(byte)).join("");
  const first = interim ? "HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\n" : "";
  if (framing === "length") return `${first}${OK}content-length: ${text.length}\r\n\r\n${text}`;
  if (framing === "until_close") return `${first}${OK}\r\n${text}`;
  let [chunks, at] = ["", 0];
  for (const size of [...sizes, text.length]) {
    const chunk = text.slice(at, at + size);
    if (chunk) chunks += `${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`;
    at += size;
  }
  return `${first}${CHUNKED}${chunks}0\r\n${trailers}\r\n`;
}

const places = fc.array(fc.nat(2000), { maxLength: 12 });

Deno.test("an answer is the same, however its bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(answer, places, async (parts, at) => {
      const bytes = bytesOf(serialised(parts));
      const { head, body, isKept } = await receive(cut(bytes, at.map((place) => place % (bytes.length + 1))));
      const expected = Array.from(parts.body, (byte) => String.fromCharCode(byte)).join("");
      assert.deepEqual([head, body, isKept], ["200", expected, parts.framing !== "until_close"]);
    }),
    { numRuns: RUNS },
  );
});

const mutations = damages(
  2000,
  fc.constantFrom("\r", "\n", "\r\n", "\0", " ", ":", ";", "0", "f", "-", "HTTP/1.1 200 OK\r\n\r\n"),
);

Deno.test("a damaged answer is refused, or means the same however its bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(answer, mutations, places, async (parts, changes, at) => {
      const bytes = bytesOf(damaged(serialised(parts), changes));
      const whole = await receive([bytes]);
      const cutUp = await receive(cut(bytes, at.map((place) => place % (bytes.length + 1))));
      assert.deepEqual(cutUp, whole);
      assert.match(whole.head, /^([2-5]\d\d$|bad_answer |interrupted )/);
    }),
    { numRuns: RUNS },
  );
});
