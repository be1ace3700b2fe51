/**
 * A log file for events. Our logs differ only in how they write an event as a line.
 * @module
 */

import type { ProxyEvent } from "./event.ts";
import { RotatingFile, type RotatingFileOptions } from "./rotating_file.ts";

/** An open log. */
export interface EventSink {
  /** Writes the line of an event, as the caller has it already; absent: it is made here. */
  readonly publish: (event: ProxyEvent, line?: string) => void;
  /** The number of lines that could not be written, since the start. */
  readonly dropped: number;
  /** Resolves when every event published before is in the file or dropped. */
  flush(): Promise<void>;
}

/** Opens a log in which each event is one line. When writing works again after a failure, it reports the lost lines. */
export function openEventSink(
  options: RotatingFileOptions,
  lineOf: (event: ProxyEvent) => string,
): EventSink {
  const file = new RotatingFile(
    options,
    (lost, reason) => file.write(lineOf(recovered(options.clock.nowMs(), lost, reason))),
  );
  return {
    publish: (event, line) => file.write(line ?? lineOf(event)),
    get dropped() {
      return file.dropped;
    },
    flush: () => file.flush(),
  };
}

function recovered(atMs: number, lost: number, reason: string): ProxyEvent {
  return {
    atMs,
    level: "warning",
    event: "log.recovered",
    message: `${lost} ${lost === 1 ? "line" : "lines"} of this log could not be written: ${reason}`,
    fields: { lost },
  };
}
