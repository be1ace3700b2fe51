import assert from "node:assert/strict";
import fc from "fast-check";
import { cellsOf } from "../../../src/screen/cells.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { attemptRowOf, keyRowOf } from "../../../src/observability/tui/data.ts";
import { health } from "../../../src/api/health.ts";
import { tuiAfter } from "../../../src/observability/tui.ts";
import { initialTui, type TuiEvent, type TuiState } from "../../../src/observability/tui/state.ts";
import { frame } from "../../../src/observability/tui/view.ts";
import { decodeKeys } from "../../../src/system/keys.ts";
import { aKeyRow, anAnswer, anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";
import { aTraceRow, readAs } from "../../support/pages.ts";

const PLAIN = paletteOf(false);
const COLOURED = paletteOf(true);

/** A retried request, one that succeeded long ago, and three keys. */
const NEWS: readonly TuiEvent[] = [
  anAnswer(
    [
      anAttemptRow({ id: 1, requestId: "req_0", atMs: T0 - 60 * SECOND, latencyMs: 12_345 }),
      anAttemptRow({
        id: 2,
        atMs: T0 - SECOND,
        status: 429,
        latencyMs: 13,
        file: "home.json",
        outcome: "rate_limited",
        error: "usage_limit_reached",
      }),
      anAttemptRow({ id: 3, number: 2, atMs: T0, model: "gpt-5.5" }),
    ],
  ),
  {
    kind: "keys",
    keys: [
      aKeyRow(),
      aKeyRow({
        file: "home.json",
        email: "b@example.com",
        state: "cooldown",
        reason: "usage_limit_reached",
        untilMs: T0 + 95 * SECOND,
      }),
      aKeyRow({ file: "spare.json", email: "", state: "blacklisted", reason: "http_401" }),
    ],
  },
];

const RUNNING = { id: 0, status: undefined, latencyMs: 0, outcome: "", model: "gpt-5.5" };
const REFUSAL = {
  ...RUNNING,
  phase: "refused",
  number: 0,
  route: "",
  status: 503,
  file: "",
  outcome: "refused",
  model: "",
};

/** A view of this size after some news, and keys as a terminal sends them. */
function viewOf(
  columns: number,
  rows: number,
  { news = NEWS, keys = "" }: { news?: readonly TuiEvent[]; keys?: string },
): TuiState {
  const pressed = decodeKeys(keys, true).keys.map((key): TuiEvent => ({ kind: "key", key }));
  const start = initialTui({ columns, rows });
  return [...news, ...pressed].reduce((state, event) => tuiAfter(state, event, T0), start);
}

/** The frame as text. The time zone is that of the machine, so the times of day are hidden. */
function textOf(state: TuiState, nowMs = T0): string {
  const lines = frame(state, { nowMs, palette: PLAIN });
  return lines.map((line) => line.replace(/\d\d:\d\d:\d\d/, "hh:mm:ss").trimEnd()).join("\n");
}

const FRAMES: readonly [what: string, text: string, expected: string][] = [
  [
    "the list at 80×8",
    textOf(viewOf(80, 8, {})),
    `\
cdx2 trace  live  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.3s
   TIME     STATUS LATENCY KEY       OUTCOME       TRY MODEL         TOKENS
>+ hh:mm:ss 200      812ms work.json ok            #2  gpt-5.5
 + hh:mm:ss 429       13ms home.json rate_limited  #1  /v1/responses
   hh:mm:ss 200      12.3s work.json ok            #1  /v1/responses

q quit  ? help  / filter  a all  Enter details  p pause  k keys  ↑↓ select`,
  ],
  [
    "the list at 120×6, five seconds later",
    textOf(viewOf(120, 6, {}), T0 + 5 * SECOND),
    `\
cdx2 trace  live  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.3s
   TIME     STATUS LATENCY KEY       OUTCOME       TRY MODEL         TOKENS ID                       ERROR
>  hh:mm:ss 200      812ms work.json ok            #2  gpt-5.5              req_1
   hh:mm:ss 429       13ms home.json rate_limited  #1  /v1/responses        req_1                    usage_limit_reached
q quit  ? help  / filter  a all  Enter details  p pause  k keys  ↑↓ select`,
  ],
  [
    "the list at 50×6",
    textOf(viewOf(50, 6, {})),
    `\
live  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.…
   TIME     STATUS LATENCY KEY       OUTCOME
>+ hh:mm:ss 200      812ms work.json ok
 + hh:mm:ss 429       13ms home.json rate_limited
q quit  ? help  / filter  a all  Enter details`,
  ],
  [
    "the list at 20×5",
    textOf(viewOf(20, 5, {})),
    `\
live  1 of 3 keys ok
last 5m: 0.4 req/mi…
   TIME     STATUS
>+ hh:mm:ss 200
q quit  ? help`,
  ],
  [
    "a filter being typed",
    textOf(viewOf(80, 6, { keys: "/4xx" })),
    `\
cdx2 trace  live  filter "4xx": 1 of 3  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.3s
   TIME     STATUS LATENCY KEY       OUTCOME       TRY MODEL         TOKENS
>+ hh:mm:ss 429       13ms home.json rate_limited  #1  /v1/responses

filter: 4xx_  Enter keep  Esc clear`,
  ],
  [
    "a filter that nothing fits",
    textOf(viewOf(50, 6, { keys: "/nothing\r" })),
    `\
live  filter "nothing": 0 of 3  1 of 3 keys ok
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.…
   TIME     STATUS LATENCY KEY     OUTCOME
no attempt matches the filter

q quit  ? help  / filter  a all  Enter details`,
  ],
  [
    "a view in which nothing has happened yet",
    textOf(viewOf(60, 6, { news: [] })),
    `\
cdx2 trace  live  keys: none
last 5m: no requests
   TIME     STATUS LATENCY KEY     OUTCOME       MODEL
no requests yet

q quit  ? help  / filter  a all  Enter details  p pause`,
  ],
  [
    "a pause while the proxy is lost",
    textOf(
      viewOf(80, 5, { keys: "p", news: [...NEWS, { kind: "lost", reason: "refused" }] }),
      T0 + 9 * SECOND,
    ),
    `\
reconnecting… 9s (refused)  paused, 0 new  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.3s
   TIME     STATUS LATENCY KEY       OUTCOME       TRY MODEL         TOKENS
>  hh:mm:ss 200      812ms work.json ok            #2  gpt-5.5
q quit  ? help  / filter  a all  Enter details  p resume  k keys  ↑↓ select`,
  ],
  [
    "the keys",
    textOf(viewOf(80, 8, { keys: "k" })),
    `\
cdx2 trace  live  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.3s
KEY        STATE       ENDS IN REASON               USED ERRORS E-MAIL
work.json  ok                - -                      12      0 a@example.com
home.json  cooldown     1m 35s usage_limit_reached    12      0 b@example.com
spare.json blacklisted       - http_401               12      0 -

q quit  Esc back  ? help`,
  ],
  [
    "a page that is longer than the screen",
    textOf(viewOf(50, 8, { keys: "\r\x1b[B" })),
    `\
live  keys: 1 ok, 1 cooldown, 1 blacklisted
last 5m: 0.4 req/min  100% ok  p50 812ms  p95 12.…
POST /v1/responses (request) from 127.0.0.1
  client got  the upstream's answer, status 200
  attempts    2 in 1s

attempt 1
q quit  Esc back  ↑↓ scroll (2–6 of 18)  ? help`,
  ],
];

for (const [what, text, expected] of FRAMES) {
  Deno.test(`frame() shows ${what}`, () => assert.equal(text, expected));
}

/** What a busy minute of Codex looks like: two requests that run, one that was refused, side traffic. */
const BUSY: readonly TuiEvent[] = [
  anAnswer([
    anAttemptRow({ id: 1, requestId: "req_a", atMs: T0 - 60 * SECOND, route: "models", path: "/v1/models" }),
    anAttemptRow({
      id: 2,
      requestId: "req_b",
      atMs: T0 - 50 * SECOND,
      path: "/backend-api/codex/responses",
      model: "gpt-5.5",
      tokens: { input: 12_345, cached: 11_000, output: 1234 },
    }),
    anAttemptRow({
      id: 3,
      requestId: "req_c",
      atMs: T0 - 40 * SECOND,
      method: "GET",
      route: "other",
      path: "/backend-api/ps/plugins/featured",
      status: 404,
      outcome: "client_error",
    }),
  ], {
    running: [
      anAttemptRow({
        ...RUNNING,
        requestId: "req_d",
        atMs: T0 - 12 * SECOND,
        phase: "streaming",
        tokens: { input: 900, cached: undefined, output: 40 },
      }),
      anAttemptRow({ ...RUNNING, requestId: "req_e", atMs: T0 - 2 * SECOND, phase: "sent" }),
      anAttemptRow({ ...RUNNING, requestId: "req_f", atMs: T0 - SECOND, phase: "held", file: "" }),
    ],
    refused: [
      anAttemptRow({ ...REFUSAL, requestId: "req_g", atMs: T0 - 45 * SECOND }),
    ],
  }),
];

const BUSY_FRAMES: readonly [what: string, text: string, expected: string][] = [
  [
    "what is running, at 80×10",
    textOf(viewOf(80, 10, { news: BUSY })),
    `\
cdx2 trace  live  3 running  2 hidden  keys: none
last 5m: 0.2 req/min  100% ok  p50 812ms  p95 812ms
   TIME     STATUS LATENCY KEY       OUTCOME       TRY MODEL         TOKENS
>  hh:mm:ss …           1s -         no key free   #1  gpt-5.5
   hh:mm:ss …           2s work.json waiting       #1  gpt-5.5
   hh:mm:ss …          12s work.json streaming     #1  gpt-5.5           40
   hh:mm:ss 503          - -         refused       -   /v1/responses
   hh:mm:ss 200      812ms work.json ok            #1  gpt-5.5         1.2k

q quit  ? help  / filter  a all  Enter details  p pause  k keys  ↑↓ select`,
  ],
  [
    "all requests, at 80×12",
    textOf(viewOf(80, 12, { news: BUSY, keys: "a" })),
    `\
cdx2 trace  live  3 running  all requests  keys: none
last 5m: 0.6 req/min  66% ok  p50 812ms  p95 812ms
   TIME     STATUS LATENCY KEY       OUTCOME       TRY REQUEST            TOKENS
>  hh:mm:ss …           1s -         no key free   #1  POST /v1/responses
   hh:mm:ss …           2s work.json waiting       #1  POST /v1/responses
   hh:mm:ss …          12s work.json streaming     #1  POST /v1/responses     40
   hh:mm:ss 404      812ms work.json client_error  #1  GET …gins/featured
   hh:mm:ss 503          - -         refused       -   POST /v1/responses
   hh:mm:ss 200      812ms work.json ok            #1  POST …ex/responses   1.2k
   hh:mm:ss 200      812ms work.json ok            #1  POST /v1/models

q quit  ? help  / filter  a fewer  Enter details  p pause  k keys  ↑↓ select`,
  ],
  [
    "what is running, at 60×6",
    textOf(viewOf(60, 6, { news: BUSY })),
    `\
cdx2 trace  live  3 running  2 hidden  keys: none
last 5m: 0.2 req/min  100% ok  p50 812ms  p95 812ms
   TIME     STATUS LATENCY KEY     OUTCOME       MODEL
>  hh:mm:ss …           1s -       no key free   gpt-5.5
   hh:mm:ss …           2s work    waiting       gpt-5.5
q quit  ? help  / filter  a all  Enter details  p pause`,
  ],
  [
    "that all is hidden",
    textOf(viewOf(60, 5, { news: [anAnswer([anAttemptRow({ route: "other" })])] })),
    `\
cdx2 trace  live  1 hidden  keys: none
last 5m: no requests
   TIME     STATUS LATENCY KEY     OUTCOME       MODEL
no requests to a model yet; press a for all requests: 1
q quit  ? help  / filter  a all  Enter details  p pause`,
  ],
];

for (const [what, text, expected] of BUSY_FRAMES) {
  Deno.test(`frame() shows ${what}`, () => assert.equal(text, expected));
}

const COLOURS: readonly [row: Parameters<typeof anAttemptRow>[0], code: string][] = [
  [{ status: 200 }, ""],
  [{ status: 429, outcome: "rate_limited" }, "\x1b[33m"],
  [{ status: 502, outcome: "origin_failed" }, "\x1b[31m"],
  [{ status: 200, outcome: "origin_failed" }, "\x1b[31m"],
  [{ status: undefined, outcome: "origin_failed" }, "\x1b[31m"],
];

for (const [row, code] of COLOURS) {
  Deno.test(`frame() shows ${row?.status ?? "no answer"} ${row?.outcome ?? "ok"} ${code ? "in colour" : "plain"}`, () => {
    const attempts = [anAttemptRow({ id: 1, ...row }), anAttemptRow({ id: 2 })];
    const state = viewOf(80, 8, { news: [anAnswer(attempts)] });
    // Not the selected one, and not a new one.
    const line = frame(state, { nowMs: T0 + 5 * SECOND, palette: COLOURED })[4]!;
    assert.ok(line.startsWith(`${code}   `), JSON.stringify(line));
  });
}

Deno.test("frame() shows nothing with colours alone", () => {
  // deno-lint-ignore no-control-regex
  const bare = (lines: readonly string[]) => lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, ""));
  const state = viewOf(80, 8, {});
  const [plain, coloured] = [PLAIN, COLOURED].map((palette) => frame(state, { nowMs: T0, palette }));
  assert.notDeepEqual(coloured, plain);
  assert.deepEqual(bare(coloured!), plain);
});

Deno.test("frame() fills the screen exactly, whatever is shown and however small it is", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 200 }));
  const number = fc.oneof(fc.nat(700), fc.double({ min: 0, max: 1e12, noNaN: true }));
  const row = fc.dictionary(
    fc.constantFrom(
      ..."id ts request_id attempt path status latency_ms auth_file outcome error new".split(" "),
    ),
    fc.oneof(text, number, fc.constant(null)),
  );
  const account = fc.dictionary(
    fc.constantFrom("file", "status", "until", "reason", "used"),
    fc.oneof(text, number),
  );
  const keys = fc.constantFrom("", "k", "?", "\r", "/", "p", "/a", "\x1b[F", "\x1b[B\r");
  const size = fc.record({
    columns: fc.oneof(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 1, max: 20 })),
    rows: fc.integer({ min: 1, max: 60 }),
  });
  const nowMs = fc.integer({ min: 0, max: 2 * T0 });
  fc.assert(fc.property(
    fc.record({ rows: fc.array(row), accounts: fc.array(account), keys, size, nowMs, reason: text }),
    ({ rows, accounts, keys, size, nowMs, reason }) => {
      const news: TuiEvent[] = [
        anAnswer(rows.map((row) => attemptRowOf(aTraceRow(row), "run"))),
        { kind: "keys", keys: readAs(health, { ok: true, accounts }).accounts.map(keyRowOf) },
        ...(reason === "" ? [] : [{ kind: "lost", reason } as const]),
      ];
      const lines = frame(viewOf(size.columns, size.rows, { news, keys }), { nowMs, palette: COLOURED });
      assert.equal(lines.length, size.rows);
      for (const line of lines) assert.ok(cellsOf(line) <= size.columns, JSON.stringify(line));
    },
  ));
});
