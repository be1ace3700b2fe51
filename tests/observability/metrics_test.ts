import assert from "node:assert/strict";
import { UNKNOWN_CREDITS } from "../../src/auth/credits.ts";
import type { KeyReport } from "../../src/auth/key_report.ts";
import { METRICS } from "../../src/observability/metric_table.ts";
import { type LiveFigures, Metrics } from "../../src/observability/metrics.ts";
import { aHealth, aRecord, T0 } from "../support/builders.ts";
import { anAttempt, anEvent } from "../support/events.ts";
import { saidBy, testWith } from "../support/installed.ts";
import { aShared } from "../support/shared.ts";

function aKey(
  name: string,
  health = aHealth(),
  standing: KeyReport["standing"] = health.state.kind,
): KeyReport {
  return {
    record: aRecord(name),
    health,
    standing,
    windows: [
      { limit: "codex", windowSeconds: 18_000, usedPercent: 90, resetAtMs: T0, source: "headers", atMs: T0 },
    ],
    credits: UNKNOWN_CREDITS,
    reservedUntilMs: 0,
    used: 0,
    errors: 0,
    lastUsedMs: 0,
  };
}

const COOLING = aHealth({ state: { kind: "cooldown", untilMs: T0 + 1, cause: "http_429" } });

/** Two hours before the windows of the keys are reset. */
const NOW_MS = T0 - 7_200_000;

const LIVE: LiveFigures = {
  keys: [aKey("a"), aKey("b", COOLING), aKey("c"), aKey("d", COOLING, "expired")],
  inFlight: 2,
  webSockets: { open: 3, replays: 4, resends: 5 },
  shared: undefined,
  droppedLines: { events: 3, service: 0 },
  version: "0.1.0",
  startedMs: T0 + 500,
};

/** Metrics that have seen one of everything. */
function metricsInUse(): Metrics {
  const metrics = new Metrics();
  const tokens = { input_tokens: 900, cached_tokens: 800, output_tokens: 40 };
  const told = { ...tokens, model: "gpt-5.5", attempt: 2, first_token_ms: 700, waited_ms: 20 };
  for (const status of [200, 200, 503]) metrics.addAnswer(status);
  metrics.add(
    anAttempt({
      client: "ann",
      auth_file: "a.json",
      latency_ms: 1500,
      ttfb_ms: 300,
      streamed_bytes: 70,
      stream_end: "truncated",
      ...told,
    }),
  );
  metrics.add(anAttempt({ auth_file: "a.json", latency_ms: 90, ttfb_ms: 90, streamed_bytes: 30 }));
  metrics.add(anAttempt({ auth_file: "b.json", status: null, ttfb_ms: null, outcome: "origin_failed" }));
  metrics.add(anAttempt({ auth_file: null, auth_email: null, route: "other" }));
  metrics.add(anEvent("proxy.held"));
  metrics.add(anEvent("proxy.refused", { fields: { type: "request_too_large" } }));
  metrics.add(anEvent("proxy.error"));
  metrics.add(anEvent("auth.pool_exhausted", { fields: { type: "no_usable_keys" } }));
  metrics.add(anEvent("auth.blacklisted", { fields: { auth_file: "c.json" } }));
  metrics.add(anEvent("auth.cooldown", { fields: { auth_file: "b.json" } }));
  metrics.add(anEvent("auth.loaded"));
  return metrics;
}

function linesOf(text: string, name: string): string[] {
  return text.split("\n").filter((line) => new RegExp(`^${name}[{ ]`).test(line));
}

/** `[metric, its lines]` */
const COUNTED: [string, string[]][] = [
  ["cdx2_requests_total", ['{code="200"} 2', '{code="503"} 1']],
  ["cdx2_requests_in_flight", [" 2"]],
  ["cdx2_requests_held_total", [" 1"]],
  ["cdx2_refusals_total", [
    '{type="request_too_large"} 1',
    '{type="internal_error"} 1',
    '{type="no_usable_keys"} 1',
  ]],
  ["cdx2_attempts_total", [
    '{key="a.json",outcome="ok"} 2',
    '{key="b.json",outcome="origin_failed"} 1',
    '{key="client_login",outcome="ok"} 1',
  ]],
  ["cdx2_attempt_duration_seconds_count", ['{route="request"} 3', '{route="other"} 1']],
  ["cdx2_attempt_time_to_first_byte_seconds_sum", ['{route="request"} 0.39', '{route="other"} 0.3015']],
  ["cdx2_streamed_bytes_total", [" 100"]],
  ["cdx2_stream_ends_total", ['{end="truncated"} 1']],
  [
    "cdx2_keys",
    ["ok", "probation", "cooldown", "blacklist", "expired", "disabled"]
      .map((state, at) => `{state="${state}"} ${[2, 0, 1, 0, 1, 0][at]}`),
  ],
  ["cdx2_client_attempts_total", ['{client="ann",outcome="ok"} 1']],
  [
    "cdx2_client_tokens_total",
    [
      '{client="ann",kind="input"} 900',
      '{client="ann",kind="cached"} 800',
      '{client="ann",kind="output"} 40',
    ],
  ],
  ["cdx2_key_ejections_total", ['{key="c.json"} 1']],
  ["cdx2_key_cooldowns_total", ['{key="b.json"} 1']],
  ["cdx2_log_lines_dropped_total", ['{log="events"} 3', '{log="service"} 0']],
  ["cdx2_build_info", ['{version="0.1.0"} 1']],
  ["cdx2_process_start_time_seconds", [" 1800000000.5"]],
];

for (const [name, lines] of COUNTED) {
  Deno.test(`Metrics counts ${name}`, () => {
    assert.deepEqual(linesOf(metricsInUse().render(LIVE, NOW_MS), name), lines.map((line) => name + line));
  });
}

Deno.test("Metrics has a 1 for the one state that each key is in", () => {
  const lines = linesOf(new Metrics().render(LIVE, NOW_MS), "cdx2_key_state");
  assert.equal(lines.length, 24);
  assert.deepEqual(lines.filter((line) => line.endsWith(" 1")), [
    'cdx2_key_state{key="a.json",state="ok"} 1',
    'cdx2_key_state{key="b.json",state="cooldown"} 1',
    'cdx2_key_state{key="c.json",state="ok"} 1',
    'cdx2_key_state{key="d.json",state="expired"} 1',
  ]);
});

Deno.test("Metrics gives every sample the labels of its row in the table", () => {
  const text = metricsInUse().render({ ...LIVE, shared: aShared() }, NOW_MS);
  for (const { name, type, labels } of Object.values(METRICS)) {
    const lines = linesOf(text, type === "histogram" ? `${name}_count` : name);
    assert.ok(lines.length > 0, name);
    for (const line of lines) {
      assert.deepEqual([...line.matchAll(/[{,](\w+)="/g)].map(([, label]) => label), [...labels], line);
    }
  }
});

Deno.test("Metrics counts the logins of a shared pool by who renews them", () => {
  const login = {
    file: "a.json",
    home: "build-1",
    here: false,
    there: true,
    seen_at: null,
    token_expires_at: null,
  };
  const logins = [
    login,
    { ...login, here: true },
    { ...login, there: false },
    { ...login, home: null },
    login,
  ];
  const text = new Metrics().render({ ...LIVE, shared: aShared({ logins }) }, NOW_MS);
  assert.deepEqual(linesOf(text, "cdx2_shared_logins"), [
    'cdx2_shared_logins{home="here"} 1',
    'cdx2_shared_logins{home="member"} 2',
    'cdx2_shared_logins{home="away"} 1',
    'cdx2_shared_logins{home="none"} 1',
  ]);
});

Deno.test("Metrics holds no e-mail address, not even one in the name of a file", () => {
  const metrics = metricsInUse();
  metrics.add(anAttempt({ auth_file: "ann@example.com.json", auth_email: "ann@example.com" }));
  metrics.add(anEvent("auth.cooldown", { fields: { auth_file: "ann@example.com.json" } }));
  assert.doesNotMatch(metrics.render({ ...LIVE, keys: [aKey("ann@example.com")] }, NOW_MS), /@/);
});

testWith(
  "promtool",
  "promtool accepts the metrics, before and after the first request",
  async () => {
    const odd = aKey('odd "name"\\\n');
    for (const metrics of [new Metrics(), metricsInUse()]) {
      const text = metrics.render({ ...LIVE, keys: [...LIVE.keys, odd] }, NOW_MS);
      assert.equal(await saidBy("promtool", ["check", "metrics"], { input: text }), "");
    }
  },
);

Deno.test("the metrics tell of a shared pool where there is one, and say nothing of it elsewhere", () => {
  const rendered = (shared: LiveFigures["shared"]) => new Metrics().render({ ...LIVE, shared }, NOW_MS);
  const text = rendered(aShared({ pending: 3, lag_ms: 2.5, conflicts: 4 }));
  const lines = ["up 1", "members 2", "pending 3", "lag_seconds 0.0025", "conflicts_total 4"];
  for (const line of lines) assert.match(text, new RegExp(`^cdx2_shared_${line}$`, "m"));
  assert.match(rendered(aShared({ state: "degraded" })), /^cdx2_shared_up 0$/m);
  assert.doesNotMatch(rendered(undefined), /^cdx2_shared/m);
});
