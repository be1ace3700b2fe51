/**
 * A log file that takes events. How an event becomes a line is the only thing in which our logs differ.
 * @module
 */

import type { ProxyEvent, Publish } from "./event.ts";
import { RotatingFile, type RotatingFileOptions } from "./rotating_file.ts";

export interface EventSink {
  readonly publish: Publish;
  /** Lines that the disk did not take, since the start. */
  readonly dropped: number;
  /** Resolves when what was published before is in the file or dropped. */
  flush(): Promise<void>;
}

/** Opens a log in which each event is one line. Lines that were lost are owned up to when writing works again. */
export function openEventSink(
  options: RotatingFileOptions,
  lineOf: (event: ProxyEvent) => string,
): EventSink {
  const file = new RotatingFile(
    options,
    (lost, reason) => file.write(lineOf(recovered(options.clock.nowMs(), lost, reason))),
  );
  return {
    publish: (event) => file.write(lineOf(event)),
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
