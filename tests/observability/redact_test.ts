import assert from "node:assert/strict";
import fc from "fast-check";
import { Secret } from "../../src/values/secret.ts";
import { type Fields, type Json, member } from "../../src/values/json.ts";
import { createRedactor, KnownSecrets, redactText } from "../../src/observability/redact.ts";
import { anAttempt, anEvent, anOddEvent } from "../support/events.ts";

const JWT = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFAYiJ9.c2lnbmF0dXJl";

const TEXTS: readonly { text: string; becomes: string }[] = [
  { text: `got ${JWT}, sorry`, becomes: "got [REDACTED], sorry" },
  { text: `cut off: ${JWT.slice(0, 30)}`, becomes: "cut off: [REDACTED]" },
  {
    text: "Incorrect API key provided: sk-proj-abc_DEF123.",
    becomes: "Incorrect API key provided: [REDACTED]",
  },
  { text: "rt_fake_0001 was used", becomes: "[REDACTED] was used" },
  { text: "oaistb_rt_fake_0001 was used", becomes: "[REDACTED] was used" },
  { text: `a token rt.1.${"AbC0".repeat(8)} was used`, becomes: "a token [REDACTED] was used" },
  { text: `personal token "at-${"x-Y_9".repeat(6)}"`, becomes: 'personal token "[REDACTED]"' },
  { text: "authorization: Bearer opaque/1+2==", becomes: "authorization: Bearer [REDACTED]" },
  { text: "authorization: bearer  opaque123", becomes: "authorization: bearer  [REDACTED]" },
  { text: '{"access_token":"a","n":1}', becomes: '{"access_token":"[REDACTED]","n":1}' },
  { text: String.raw`{\"refresh_token\": \"a\"}`, becomes: String.raw`{\"refresh_token\": \"[REDACTED]\"}` },
  { text: "id_token=a&state=b", becomes: "id_token=[REDACTED]&state=b" },
  { text: "OPENAI_API_KEY='a'", becomes: "OPENAI_API_KEY='[REDACTED]'" },
  { text: "access_token: Bearer abc", becomes: "access_token: Bearer [REDACTED]" },
  { text: "known-secret-and-more known-secret", becomes: "[REDACTED] [REDACTED]" },
];

const HARMLESS = [
  "task-force-meeting",
  "start_something_long",
  "keyJournalistsKnow",
  "sk-1",
  "at-least-once delivery, at-most-once elsewhere",
  "rt.example.com",
  "https://rt.backend.example.com:8317/v1",
  "created_at-2026-11-26T04:00:00.000Z-and-more",
  "bearer or basic",
  "a short word",
  "the id_token is missing",
];

const SECRETS = ["known-secret", "known-secret-and-more", "word"].map((text) => new Secret(text));

for (const { text, becomes } of TEXTS) {
  Deno.test(`redactText() turns ${text} into ${becomes}`, () => {
    assert.equal(redactText(text, SECRETS), becomes);
    assert.equal(redactText(becomes, SECRETS), becomes);
  });
}

for (const text of HARMLESS) {
  Deno.test(`redactText() leaves ${text} as it is`, () => {
    assert.equal(redactText(text, SECRETS), text);
  });
}

Deno.test("createRedactor() returns the same event when it holds no secret", () => {
  const event = anAttempt();
  assert.equal(createRedactor(() => new KnownSecrets(SECRETS))(event), event);
});

Deno.test("createRedactor() redacts message, values and names, and keeps the parts without a secret", () => {
  const harmless = { list: [1, "two", null] };
  const fields = {
    harmless,
    deep: [{ "known-secret": `x ${JWT}` }, "Bearer known-secret"],
    api_key: "short",
    n: 1,
  };
  const event = anOddEvent(fields, { message: "known-secret failed" });
  const redacted = createRedactor(() => new KnownSecrets(SECRETS))(event);
  assert.equal(redacted.message, "[REDACTED] failed");
  assert.deepEqual(redacted.fields, {
    harmless,
    deep: [{ "[REDACTED]": "x [REDACTED]" }, "Bearer [REDACTED]"],
    api_key: "[REDACTED]",
    n: 1,
  });
  assert.equal(member(redacted.fields, "harmless"), harmless);
});

Deno.test("createRedactor() asks for the secrets each time", () => {
  let secrets: Secret[] = [];
  const redact = createRedactor(() => new KnownSecrets(secrets));
  const event = anEvent("auth.cooldown", { message: "a-new-secret" });
  assert.equal(redact(event).message, "a-new-secret");
  secrets = [new Secret("a-new-secret")];
  assert.equal(redact(event).message, "[REDACTED]");
});

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...textsIn(part)]);
}

Deno.test("createRedactor() lets no secret survive, wherever it is", () => {
  const letters = [...'ABCdef0123456789._~+/=- "\\'];
  const secret = fc.string({ unit: fc.constantFrom(...letters), minLength: 8, maxLength: 40 });
  const fieldsWith = (texts: readonly string[]) => {
    const text = fc.tuple(fc.string(), fc.constantFrom(...texts), fc.string()).map((parts) => parts.join(""));
    return fc.letrec<{ json: Json; fields: Fields }>((tie) => ({
      json: fc.oneof({ depthSize: "small" }, text, fc.integer(), fc.array(tie("json")), tie("fields")),
      fields: fc.dictionary(fc.oneof(fc.string(), text), tie("json")),
    })).fields.map((fields) => ({ texts, fields }));
  };
  const cases = fc.array(secret, { minLength: 1, maxLength: 3 }).chain(fieldsWith);
  fc.assert(fc.property(cases, ({ texts, fields }) => {
    const redact = createRedactor(() => new KnownSecrets(texts.map((text) => new Secret(text))));
    const shown = textsIn(redact(anOddEvent(fields, { message: texts.join(" ") })).fields);
    for (const text of texts) assert.ok(!shown.some((part) => part.includes(text)));
  }));
});

Deno.test("redactText() stays fast on text that is made to slow it down", () => {
  const size = 100_000;
  for (
    const part of ["eyJ", "eyJaaaaaaaa", "Bearer ", "access_token", "access_token:   ", "sk-", '"', ".rt_"]
  ) {
    const startedMs = performance.now();
    redactText(part.repeat(size / part.length), SECRETS);
    redactText(`access_token${part.repeat(size / part.length)}`, SECRETS);
    assert.ok(performance.now() - startedMs < 10_000, part);
  }
});

Deno.test("KnownSecrets finds the same among thousands as among a few", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => new Secret(`other-secret-${index + 10_000}`));
  const few = new KnownSecrets(SECRETS);
  const all = new KnownSecrets([...SECRETS, ...many]);
  for (const { text } of TEXTS) assert.deepEqual(all.in(text), few.in(text));
  assert.deepEqual(all.in("known-secret-and-more of other-secret-14711"), [
    "known-secret-and-more",
    "other-secret-14711",
    "known-secret",
  ]);
  assert.deepEqual(all.in("known-s"), []);
});
