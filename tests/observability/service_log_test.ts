import assert from "node:assert/strict";
import fc from "fast-check";
import type { ProxyEvent } from "../../src/observability/event.ts";
import type { Fields } from "../../src/values/json.ts";
import { openServiceLog, serviceLine } from "../../src/observability/service_log.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { anAttempt, anEvent, anOddEvent } from "../support/events.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const AT = "2026-11-22T23:41:00.123Z";

const LINES: readonly { what: string; event: ProxyEvent; line: string }[] = [
  {
    what: "an event with its fields",
    event: anOddEvent({ auth_file: "work.json", strikes: 1 }),
    line: `${AT} WARN  auth.cooldown  work.json cools down for 30 s auth_file=work.json strikes=1`,
  },
  {
    what: "fields that are lists, but none that are null or have parts",
    event: anOddEvent({ files: ["a.json", "b.json"], until: null, deep: { a: 1 } }, {
      level: "error",
      event: "auth.loaded",
      message: "2 keys",
    }),
    line: `${AT} ERROR auth.loaded  2 keys files=a.json,b.json`,
  },
  {
    what: "an attempt",
    event: anAttempt(),
    line:
      `${AT} INFO  proxy.request  POST /responses 200 in 812ms key=work.json outcome=ok request=req_1 attempt=1`,
  },
  {
    what: "an attempt with the client's own login that got no answer",
    event: anAttempt({
      status: null,
      auth_file: null,
      outcome: "origin_failed",
      error: "connection refused",
    }),
    line: `${AT} INFO  proxy.request  POST /responses no answer in 812ms ` +
      `key=client outcome=origin_failed request=req_1 attempt=1 error="connection refused"`,
  },
  {
    what: "a text that pretends to be a line or further fields",
    event: anOddEvent({ error: 'x outcome=ok "y"', empty: "" }, { message: "a\nb\u001b[2J\u202ec" }),
    line: `${AT} WARN  auth.cooldown  a\\u{a}b\\u{1b}[2J\\u{202e}c error="x outcome=ok \\"y\\""`,
  },
];

for (const { what, event, line } of LINES) {
  Deno.test(`serviceLine() shows ${what}`, () => {
    assert.equal(serviceLine(event), line);
  });
}

Deno.test("serviceLine() cuts a text that is a whole page", () => {
  const line = serviceLine(anOddEvent({ error: "x".repeat(100_000) }));
  assert.ok(line.length < 1_100 && line.endsWith("x…"));
});

Deno.test("serviceLine() is one line without control characters, whatever the event holds", () => {
  const text = fc.string({ unit: "binary" });
  const fields = fc.dictionary(text, fc.oneof(text, fc.array(text))) as fc.Arbitrary<Fields>;
  fc.assert(fc.property(text, fields, text, (message, fields, path) => {
    for (const event of [anOddEvent(fields, { message }), anAttempt({ path, error: message })]) {
      assert.doesNotMatch(serviceLine(event), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }
  }));
});

Deno.test("openServiceLog() writes one line for each event", async () => {
  const files = new MemoryFiles({ "/auths/x": "" });
  const log = openServiceLog({ files, clock: new FakeClock(), path: "/auths/log", maxBytes: 10_000 });
  log.publish(anEvent("auth.cooldown"));
  await log.flush();
  assert.equal(files.text("/auths/log"), `${serviceLine(anEvent("auth.cooldown"))}\n`);
});
