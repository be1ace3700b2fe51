import assert from "node:assert/strict";
import { attemptRowOf, isSame, keyRowOf } from "../../../src/observability/tui/data.ts";
import { aKeyRow, anAttemptRow } from "../../support/attempts.ts";
import { attemptFields } from "../../support/events.ts";
import { anAccountOf, aTraceRow } from "../../support/pages.ts";

Deno.test("attemptRowOf() takes a row of /trace", () => {
  const { ttfb_ms: _, picked: __, ...fields } = attemptFields({ path: "/v1/responses" });
  const row = { id: 1, ts: 1_800_000_000, ...fields };
  assert.deepEqual(attemptRowOf(aTraceRow(row), "run 1"), anAttemptRow());
});

Deno.test("attemptRowOf() keeps fields that it does not know, and needs none of those that it knows", () => {
  const row = aTraceRow({ cause: "http_429", scope: { a: 1 }, model: null, status: null });
  const { more, ...known } = attemptRowOf(row, "run 1");
  assert.deepEqual(more, [["cause", "http_429"]]);
  const nothing = {
    phase: "ended",
    run: "run 1",
    id: 0,
    atMs: 0,
    number: 0,
    latencyMs: 0,
    status: undefined,
  };
  const noTexts = {
    requestId: "",
    method: "",
    path: "",
    route: "",
    file: "",
    email: "",
    clientIp: "",
    client: "",
  };
  const noMore = { outcome: "", error: "", model: "", session: "", streamEnd: "" };
  const tokens = { input: undefined, cached: undefined, output: undefined };
  assert.deepEqual(known, { ...nothing, ...noTexts, ...noMore, tokens });
});

Deno.test("attemptRowOf() makes text from outside safe to print", () => {
  const { path, more } = attemptRowOf(aTraceRow({ path: "/\x1b[2J", "a\n": "\u202e" }), "run 1");
  assert.deepEqual([path, more], ["/\\u{1b}[2J", [["a\\u{a}", "\\u{202e}"]]]);
});

Deno.test("isSame() knows an attempt by its request, its number and its run", () => {
  assert.ok(isSame(anAttemptRow(), anAttemptRow({ status: 500 })));
  assert.ok(isSame(anAttemptRow(), anAttemptRow({ phase: "streaming", id: 0 })));
  assert.ok(!isSame(anAttemptRow(), anAttemptRow({ number: 2 })));
  assert.ok(!isSame(anAttemptRow(), anAttemptRow({ requestId: "req_2" })));
  assert.ok(!isSame(anAttemptRow(), anAttemptRow({ run: "run 2" })));
});

Deno.test("keyRowOf() takes a key of /health", () => {
  const fields = { file: "work.json", email: "a@example.com", used: 12, errors: 3 };
  const cooling = { status: "COOLDOWN", until: "2027-01-15T08:00:30.000Z", reason: "http_429" };
  assert.deepEqual(
    keyRowOf(anAccountOf({ ...fields, ...cooling })),
    aKeyRow({ state: "cooldown", untilMs: 1_800_000_030_000, reason: "http_429", errors: 3 }),
  );
  const healthy = { ...fields, errors: 0, status: "OK", until: null, reason: null };
  assert.deepEqual(keyRowOf(anAccountOf(healthy)), aKeyRow());
  assert.equal(keyRowOf(anAccountOf({ file: "a.json", until: "soon" })).untilMs, undefined);
});

/** `[what is said of the key, its state and reason on the page]` */
const OUT_OF_SERVICE: [Record<string, unknown>, string, string][] = [
  [{ expired: true }, "expired", "its token has expired"],
  [{ disabled: true }, "disabled", "its file says so"],
  [{ disabled: true, expired: true }, "disabled", "its file says so"],
  [{ expired: true, status: "BLACKLIST", reason: "token_expired" }, "expired", "token_expired"],
];

for (const [said, state, reason] of OUT_OF_SERVICE) {
  Deno.test(`keyRowOf() shows ${JSON.stringify(said)} as ${state}`, () => {
    const row = keyRowOf(anAccountOf({ file: "a.json", status: "OK", ...said }));
    assert.deepEqual([row.state, row.reason], [state, reason]);
  });
}

Deno.test("keyRowOf() makes text from outside safe to print", () => {
  const { file, reason } = keyRowOf(anAccountOf({ file: "a\x1b[2J", reason: "b\n" }));
  assert.deepEqual([file, reason], ["a\\u{1b}[2J", "b\\u{a}"]);
});
