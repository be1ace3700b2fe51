/**
 * Redacts events that are to be written. Every attempt passes here, and hardly any holds a secret: one look at the line
 * for the log, which is needed anyway, shows that there is none.
 * @module
 */

import type { ProxyEvent } from "./event.ts";
import { eventLine } from "./event_log.ts";
import { createRedactor, type KnownSecrets, mayHoldSecret } from "./redact.ts";

/** An event without secrets. */
export interface Redacted {
  /** The very same when it held none. */
  readonly event: ProxyEvent;
  /** The line for the event log. */
  readonly line: string;
}

/** As {@link createRedactor}, for an event that is to be written as well. */
export function createLineRedactor(secrets: () => KnownSecrets): (event: ProxyEvent) => Redacted {
  const redact = createRedactor(secrets);
  return (event) => {
    const line = eventLine(event);
    if (!mayHoldSecret(line, secrets()) && !isHiddenInLine(event)) return { event, line };
    const clean = redact(event);
    return { event: clean, line: clean === event ? line : eventLine(clean) };
  };
}

// In the line, a field of one of these names replaces what the event says itself.
const NAMES_IN_LINE = ["ts", "level", "event", "message"];

function isHiddenInLine({ fields }: ProxyEvent): boolean {
  return NAMES_IN_LINE.some((name) => name in fields);
}
