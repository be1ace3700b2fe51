/**
 * Where the events of the proxy go: through one redaction into the trace, the metrics and both logs.
 * @module
 */

import { runtimePaths } from "../config/paths.ts";
import type { ProxyEvent, Publish } from "../observability/event.ts";
import { openEventLog } from "../observability/event_log.ts";
import type { EventSink } from "../observability/event_sink.ts";
import { LiveRequests } from "../observability/live_requests.ts";
import { Metrics } from "../observability/metrics.ts";
import { KnownSecrets, redactRow } from "../observability/redact.ts";
import { createLineRedactor } from "../observability/redacted_line.ts";
import { openServiceLog, serviceLine } from "../observability/service_log.ts";
import { TraceStore } from "../observability/trace_store.ts";
import type { Clock } from "../system/clock.ts";
import type { Files } from "../system/files.ts";
import type { Secret } from "../values/secret.ts";

/** What a {@link Journal} is opened with. */
export interface JournalOptions {
  /** Writes the logs. */
  readonly files: Files;
  /** Times the writing. */
  readonly clock: Clock;
  /** The folder of the logs. */
  readonly authDir: string;
  /** How many attempts the trace keeps. */
  readonly traceMax: number;
  /** How large a log gets before it rotates. */
  readonly logMaxBytes: number;
  /** Hidden wherever it occurs. */
  readonly managementKey: Secret;
  /** Called with each line of the service log; `undefined`: nobody reads them. */
  readonly mirror: ((line: string) => void) | undefined;
  /** Takes each event after the logs. */
  readonly feed: Publish;
}

/** Takes every event. It ends when both logs are written. */
export class Journal implements AsyncDisposable {
  /** The newest attempts. */
  readonly trace: TraceStore;
  /** What is running at this moment. */
  readonly live = new LiveRequests((row) => redactRow(row, this.#secrets));
  /** The figures since the start. */
  readonly metrics = new Metrics();
  readonly #clock: Clock;
  readonly #managementKey: Secret;
  readonly #mirror: ((line: string) => void) | undefined;
  readonly #feed: Publish;
  readonly #events: EventSink;
  readonly #log: EventSink;
  #secrets: KnownSecrets;
  #published = 0;
  readonly #redact = createLineRedactor(() => this.#secrets);

  /** Opens both logs. */
  constructor({ files, clock, authDir, traceMax, logMaxBytes, managementKey, mirror, feed }: JournalOptions) {
    const { eventsFile, logFile } = runtimePaths(authDir);
    this.#clock = clock;
    this.trace = new TraceStore(traceMax);
    this.#managementKey = managementKey;
    this.#secrets = new KnownSecrets([managementKey]);
    this.#mirror = mirror;
    this.#feed = feed;
    this.#events = openEventLog({ files, clock, path: eventsFile, maxBytes: logMaxBytes });
    this.#log = openServiceLog({ files, clock, path: logFile, maxBytes: logMaxBytes });
  }

  /** Hides these tokens from now on, and no longer the ones before. */
  hideTokens(tokens: readonly Secret[]): void {
    this.#secrets = new KnownSecrets([this.#managementKey, ...tokens]);
  }

  /** Takes an event; never throws, never waits. */
  readonly publish = (event: ProxyEvent): void => {
    this.#published++;
    const { event: clean, line } = this.#redact(this.#onWall(event));
    this.trace.add(clean);
    this.live.add(clean);
    this.metrics.add(clean);
    this.#events.publish(clean, line);
    const text = serviceLine(clean);
    this.#log.publish(clean, text);
    this.#mirror?.(text);
    this.#feed(clean);
  };

  // People compare the logs with other logs.
  #onWall(event: ProxyEvent): ProxyEvent {
    const { wallAheadMs } = this.#clock;
    return wallAheadMs === 0 ? event : { ...event, atMs: event.atMs + wallAheadMs };
  }

  /** How many events it took. */
  get published(): number {
    return this.#published;
  }

  /** How many lines each log has lost. */
  get droppedLines(): { readonly events: number; readonly service: number } {
    return { events: this.#events.dropped, service: this.#log.dropped };
  }

  /** Resolves when both logs are written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#events.flush(), this.#log.flush()]);
  }
}
