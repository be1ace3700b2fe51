import assert from "node:assert/strict";
import type { AttemptRow } from "../../../src/observability/tui/data.ts";
import { detailLines } from "../../../src/observability/tui/details.ts";
import { timeText } from "../../../src/values/durations.ts";
import { anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";

function detailsOf(rows: readonly AttemptRow[], cells = 80): readonly string[] {
  return detailLines(rows, { cells, nowMs: T0 + 12 * SECOND });
}

const FIRST = anAttemptRow({
  status: 429,
  latencyMs: 500,
  outcome: "rate_limited",
  error: "usage_limit_reached",
  model: "gpt-5.5",
  more: [["why this key", "it was its turn"], ["answer", "began after 12ms"]],
});
const SECOND_TRY = anAttemptRow({
  number: 2,
  atMs: T0 + SECOND,
  latencyMs: 990,
  file: "home.json",
  email: "",
  streamEnd: "completed",
  tokens: { input: 12_345, cached: 11_000, output: 310 },
});

Deno.test("detailLines() shows what the client got, and each attempt with its cause and its cost", () => {
  assert.deepEqual(detailsOf([SECOND_TRY, FIRST]), [
    "request req_1",
    "POST /v1/responses (request) from 127.0.0.1",
    "  model         gpt-5.5",
    "  client got    status 200; its stream was complete",
    "  attempts      2 in 1.5s",
    "",
    "attempt 1",
    "  outcome       rate_limited: the key was limited: the account has used up its",
    "                usage limit (usage_limit_reached)",
    "  status        429",
    "  key           work.json (a@example.com)",
    "  why this key  it was its turn",
    `  began         ${timeText(T0 - 500)}, took 500ms`,
    "  answer        began after 12ms",
    "",
    "attempt 2",
    "  outcome       ok: the upstream answered: its stream was complete",
    "  status        200",
    "  key           home.json",
    `  began         ${timeText(T0 + 10)}, took 990ms`,
    "  tokens        12,345 read (11,000 of them cached), 310 written",
  ]);
});

Deno.test("detailLines() shows an attempt that is running below those that have ended", () => {
  const running = anAttemptRow({
    phase: "streaming",
    id: 0,
    number: 2,
    status: undefined,
    latencyMs: 0,
    outcome: "",
    tokens: { input: undefined, cached: undefined, output: 40 },
  });
  const lines = detailsOf([running, FIRST]);
  assert.deepEqual(lines.slice(lines.indexOf("attempt 2")), [
    "attempt 2",
    "  outcome       streaming: the answer is on its way",
    "  status        none yet",
    "  key           work.json (a@example.com)",
    `  began         ${timeText(T0)}, 12s ago`,
    "  tokens        40 written",
  ]);
});

Deno.test("detailLines() shows a request that was refused without an attempt", () => {
  const refused = anAttemptRow({
    phase: "refused",
    number: 0,
    route: "",
    status: 503,
    outcome: "refused",
    error: "no_usable_keys",
    more: [["message", "None of the 2 keys can be used"]],
  });
  assert.deepEqual(detailsOf([refused]), [
    "request req_1",
    "POST /v1/responses from 127.0.0.1",
    "  client got  503 no_usable_keys from cdx2: None of the 2 keys can be used",
    "  attempts    none",
  ]);
});

Deno.test("detailLines() puts names and values in one column where there is no room for two", () => {
  const lines = detailsOf([anAttemptRow({ file: "", error: "connection refused" })], 20);
  assert.deepEqual(lines.slice(lines.indexOf("attempt 1") + 1), [
    "outcome: ok: the",
    "upstream answered:",
    "connection refused",
    "status: 200",
    "key: none: the",
    "client's own login",
    `began: ${timeText(T0 - 812)},`,
    "took 812ms",
  ]);
});

Deno.test("detailLines() says so when there are no attempts left", () => {
  assert.deepEqual(detailsOf([]), ["the attempts of this request are no longer in the list"]);
});
