import assert from "node:assert/strict";
import fc from "fast-check";
import { eventLine } from "../../src/observability/event_log.ts";
import { createRedactor, KnownSecrets } from "../../src/observability/redact.ts";
import { createLineRedactor } from "../../src/observability/redacted_line.ts";
import { Secret } from "../../src/values/secret.ts";
import { anAttempt, anOddEvent } from "../support/events.ts";

function both(texts: readonly string[]) {
  const known = new KnownSecrets(texts.map((text) => new Secret(text)));
  return { redact: createRedactor(() => known), withLine: createLineRedactor(() => known) };
}

const SECRET = "known-secret";

Deno.test("createLineRedactor() leaves an event without a secret the same, and gives its line", () => {
  const event = anAttempt();
  const redacted = both([SECRET]).withLine(event);
  assert.equal(redacted.event, event);
  assert.equal(redacted.line, eventLine(event));
});

const HIDDEN: readonly (readonly [where: string, fields: object, secret?: string])[] = [
  ["in a value", { a: `x ${SECRET} y` }],
  ["in a name", { [SECRET]: 1 }],
  ["deep inside", { a: [{ b: [SECRET] }] }],
  ["after an escape", { a: `\n${SECRET}` }],
  ["as a token after an escape", { a: "\neyJhbGciOiJub25lIn0" }],
  ["as a token", { a: "sk-proj-abcdefgh" }],
  ["as a refresh token", { a: "rt.abcdefghijklmnopqrstuvwxyz" }],
  ["as a longer refresh token", { a: "oaistb_rt_abcdefgh" }],
  ["as a personal token", { a: "at-abcdefghijklmnopqrstuvwxyz" }],
  ["in a field for tokens", { access_token: "" }],
  ["in a field for tokens, with a comma first", { api_key: ",short" }],
  ["in a field that hides the message in the line", { message: "m" }],
  ["with characters that JSON escapes", { a: 'quo"ted\\secret' }, 'quo"ted\\secret'],
  ["with a lone surrogate", { a: "surrogate\ud800" }, "surrogate\ud800"],
  ["with other than ASCII", { a: "schlüssel-ß-😀" }, "schlüssel-ß-😀"],
];

for (const [where, fields, secret = SECRET] of HIDDEN) {
  Deno.test(`createLineRedactor() finds a secret ${where}`, () => {
    const event = anOddEvent(fields as Parameters<typeof anOddEvent>[0], {
      message: where === "in a field that hides the message in the line" ? `m ${SECRET}` : "m",
    });
    for (const others of [[], Array.from({ length: 40 }, (_, at) => `${at}-other-secret`)]) {
      const { redact, withLine } = both([secret, SECRET, ...others]);
      const found = withLine(event);
      assert.deepEqual(found.event, redact(event));
      assert.notDeepEqual(found.event, event);
      assert.equal(found.line, eventLine(found.event));
    }
  });
}

Deno.test("createLineRedactor() redacts what createRedactor() does", () => {
  const part = fc.constantFrom(
    ...'known-secret eyJabcdefgh sk- rt_ rt. at- oaistb_ abcdefghijklmnopqrstuvwxyz bearer Bearer access_token api_key \n \\ " , : = é \ud800 start_ disk-'
      .split(" "),
    " ",
    "x",
  );
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
  const fields = fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })), {
    noNullPrototype: true,
  });
  fc.assert(fc.property(fields, text, fc.array(text, { maxLength: 30 }), (fields, message, secrets) => {
    const event = anOddEvent(fields as Parameters<typeof anOddEvent>[0], { message });
    const { redact, withLine } = both(secrets);
    const clean = redact(event);
    const found = withLine(event);
    assert.deepEqual(found.event, clean);
    assert.equal(found.event === event, clean === event);
    assert.equal(found.line, eventLine(clean));
  }));
});
