/**
 * The metrics about what was used: tokens, switches of key, latencies as the user feels them, and usage windows.
 * @module
 */

import type { AttemptFields } from "../api/trace.ts";
import type { KeyReport } from "../auth/key_report.ts";
import { accountWindows, type WindowReading } from "../auth/limits.ts";
import { keyLabel } from "./key_label.ts";
import { Counter, Histogram, type Sample, sampleOf } from "./prometheus.ts";
import { keyOfModelAttempt } from "./usage/entries.ts";
import { poolForecast, rateOf, runsOutAtMs, type WindowUse } from "./usage/forecast.ts";
import { KeySwitches } from "./usage/key_switches.ts";

// Clients choose the names of models, and each would be a series for as long as the proxy runs.
const MAX_MODELS = 50;
const MAX_SESSIONS = 10_000;
// The forecast of a pool looks at each key two thousand times, between the chunks of streams.
const MAX_FORECAST_KEYS = 100;

/** Counts what attempts used, since the start of the proxy. */
export class UsageMetrics {
  readonly #tokens = new Counter();
  readonly #clientTokens = new Counter();
  readonly #switches = new Counter();
  readonly #firstToken: Histogram;
  readonly #added: Histogram;
  readonly #models = new Set<string>();
  readonly #answers = new KeySwitches(MAX_SESSIONS);

  /** `bucketsS` are the limits of the histograms. */
  constructor(bucketsS: readonly number[]) {
    this.#firstToken = new Histogram(bucketsS);
    this.#added = new Histogram(bucketsS);
  }

  /** Counts an attempt that has a {@link keyOfModelAttempt}; others count for nothing. */
  add(attempt: AttemptFields): void {
    const { route, outcome, first_token_ms, waited_ms } = attempt;
    const file = keyOfModelAttempt(attempt);
    if (file === undefined) return;
    this.#addTokens(file, attempt);
    if (first_token_ms !== undefined) this.#firstToken.observe({ route }, first_token_ms / 1000);
    if (outcome !== "ok") return;
    if (waited_ms !== undefined) this.#added.observe({ route }, waited_ms / 1000);
    const answer = { session: attempt.session ?? "", key: file, attempt: attempt.attempt };
    if (this.#answers.isSwitch(answer)) this.#switches.add({ key: keyLabel(file) });
  }

  /** The samples, by their rows in the table of metrics. */
  samples(): Readonly<
    Record<"tokens" | "clientTokens" | "switches" | "firstToken" | "addedLatency", readonly Sample[]>
  > {
    return {
      tokens: this.#tokens.samples(),
      clientTokens: this.#clientTokens.samples(),
      switches: this.#switches.samples(),
      firstToken: this.#firstToken.samples(),
      addedLatency: this.#added.samples(),
    };
  }

  #addTokens(file: string, attempt: AttemptFields): void {
    const { model, client, input_tokens, cached_tokens, output_tokens } = attempt;
    const told = { input: input_tokens, cached: cached_tokens, output: output_tokens };
    if (Object.values(told).every((count) => count === undefined)) return;
    const labels = { key: keyLabel(file), model: this.#modelLabel(model) };
    for (const [kind, count] of Object.entries(told)) {
      if (count === undefined) continue;
      this.#tokens.add({ ...labels, kind }, count);
      if (client !== undefined) this.#clientTokens.add({ client, kind }, count);
    }
  }

  #modelLabel(model: string | null): string {
    if (model === null) return "unknown";
    if (this.#models.size < MAX_MODELS) this.#models.add(model);
    return this.#models.has(model) ? model : "other";
  }
}

/** How full the windows of a key are. */
export function windowUsedSamples(report: KeyReport): readonly Sample[] {
  return accountWindows(report.windows).map((window) =>
    sampleOf(window.usedPercent / 100, labelsOf(report, window))
  );
}

/** When the windows of a key start again, where that is known. */
export function windowResetSamples(report: KeyReport): readonly Sample[] {
  return timeSamples(report, ({ resetAtMs }) => resetAtMs);
}

/** When the windows of a key run out at their mean rate, where that is before they start again. */
export function windowRunsOutSamples(report: KeyReport, nowMs: number): readonly Sample[] {
  return timeSamples(report, (window) => runsOutAtMs(useOf(window, nowMs), nowMs));
}

function timeSamples(
  report: KeyReport,
  atMsOf: (window: WindowReading) => number | undefined,
): readonly Sample[] {
  return accountWindows(report.windows).flatMap((window) => {
    const atMs = atMsOf(window);
    return atMs === undefined ? [] : [sampleOf(atMs / 1000, labelsOf(report, window))];
  });
}

/** When the keys in service run out together, if they do within a week. */
export function poolRunsOutSamples(reports: readonly KeyReport[], nowMs: number): readonly Sample[] {
  const inService = reports.filter(({ standing }) => standing !== "disabled" && standing !== "expired");
  if (inService.length > MAX_FORECAST_KEYS) return [];
  const uses = inService.map(({ windows }) => accountWindows(windows).map((window) => useOf(window, nowMs)));
  const { runsOutAtMs: atMs } = poolForecast(uses, nowMs);
  return atMs === undefined ? [] : [sampleOf(atMs / 1000)];
}

function useOf({ windowSeconds, usedPercent, resetAtMs }: WindowReading, nowMs: number): WindowUse {
  const use = { windowSeconds, usedPercent, resetAtMs };
  return { ...use, percentPerHour: rateOf(use, [], nowMs) };
}

function labelsOf({ record: { file } }: KeyReport, { windowSeconds }: WindowReading) {
  return { key: keyLabel(file), window: String(windowSeconds) };
}
