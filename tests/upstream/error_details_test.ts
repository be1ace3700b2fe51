import assert from "node:assert/strict";
import fc from "fast-check";
import { errorDetails, errorDetailsIn } from "../../src/upstream/error_details.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const NAMES: readonly (readonly [what: string, body: unknown, names: readonly string[]])[] = [
  ["error.code before error.type", { error: { code: "a_code", type: "a_type" } }, ["a_code", "a_type"]],
  ["error.type alone", { error: { type: "rate_limit_error", code: null } }, ["rate_limit_error"]],
  ["detail.code", { detail: { code: "deactivated_workspace" } }, ["deactivated_workspace"]],
  ["detail as a name", { detail: "token_expired" }, ["token_expired"]],
  ["a flat body", { code: "a_code", message: "m" }, ["a_code"]],
  ["OAuth's error", { error: "invalid_token", error_description: "d" }, ["invalid_token"]],
  ["a list of errors", [{ error: { code: "first_code" } }, { code: "second_code" }], [
    "first_code",
    "second_code",
  ]],
  ["a list under errors", { errors: [{ code: "a_code" }] }, ["a_code"]],
  ["an event of a stream", { type: "response.failed", response: { error: { code: "a_code" } } }, [
    "a_code",
    "response.failed",
  ]],
  ["an error in an error", { error: { code: "outer", error: { code: "inner" } } }, ["inner", "outer"]],
  ["constants in capitals", { error: { status: "RESOURCE_EXHAUSTED" } }, ["resource_exhausted"]],
  ["names with a dash", { error: { code: "too-many-requests" } }, ["too-many-requests"]],
  ["JSON inside a message", { error: { message: 'upstream said {"error":{"code":"a_code"}}' } }, ["a_code"]],
  ["no name in prose", { error: { message: "Something went wrong" } }, []],
  ["no name in a token", { error: { code: "sk-proj-ABC123", type: "eyJhbGciOiJ9" } }, []],
  ["no name in a token of words alone", { error: { code: "sk-some-words", type: "rt_some_words" } }, []],
  ["no name in a page", "<html><title>1015</title></html>", []],
];

for (const [what, body, names] of NAMES) {
  Deno.test(`errorDetails() finds ${what}`, () => assert.deepEqual(errorDetails(body).names, names));
}

const STATUSES: readonly (readonly [what: string, body: unknown, status: number | undefined])[] = [
  ["status as a number", { status: 429, error: { message: "m" } }, 429],
  ["status_code in the error", { error: { status_code: 429 } }, 429],
  ["a code that is a status", { error: { code: "429" } }, 429],
  ["a numeric code", { error: { code: 503 } }, 503],
  ["no status in a name", { error: { code: "a_code" } }, undefined],
  ["no status below 400", { status: 200 }, undefined],
];

for (const [what, body, status] of STATUSES) {
  Deno.test(`errorDetails() reads ${what}`, () => assert.equal(errorDetails(body).status, status));
}

Deno.test("errorDetailsIn() keeps plain text as words", () => {
  assert.equal(errorDetailsIn("slow down, please").words, "slow down, please");
  assert.deepEqual(errorDetailsIn("").objects, []);
});

Deno.test("errorDetailsIn() reads the beginning of a body that was cut off", () => {
  const body = JSON.stringify({ error: { code: "token_revoked" }, pad: "x".repeat(1000) });
  for (const length of [60, 500, body.length - 1]) {
    assert.deepEqual(errorDetailsIn(body.slice(0, length)).names, ["token_revoked"]);
  }
});

Deno.test("errorDetails() bounds what it looks at", () => {
  let deep: unknown = { code: "too_deep" };
  for (let level = 0; level < 50; level++) deep = { error: deep };
  assert.deepEqual(errorDetails(deep).names, []);
  assert(
    errorDetails({ errors: Array.from({ length: 10_000 }, () => ({ code: "x" })) }).objects.length <= 40,
  );
  assert(errorDetailsIn("x".repeat(1e6)).words.length <= 4096);
});

Deno.test("errorDetails() never throws, and its names are words", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      for (const name of errorDetailsIn(text).names) assert.match(name, /^[a-z]+(?:[_.-][a-z]+)*$/);
    }),
    { numRuns: fuzzRuns() },
  );
});
