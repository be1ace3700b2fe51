/**
 * What happened, in the one shape that the trace ring, the event log, the service log and the metrics all read. Each
 * event has its own fields, declared in src/api/events.ts.
 * @module
 */

import type { EventFields, EventName } from "../api/events.ts";

/** The events of a key that went into another state. */
export type KeyEventName =
  | "auth.blacklisted"
  | "auth.cooldown"
  | "auth.probation"
  | "auth.restored"
  | "auth.reset";

/** `warning`: the user may want to know; `error`: something failed that should not. */
export type EventLevel = "info" | "warning" | "error";

/** An event of this name; without a name, any event. */
export type ProxyEvent<Name extends EventName = EventName> = {
  [Each in Name]: {
    /** Epoch milliseconds. */
    readonly atMs: number;
    readonly level: EventLevel;
    readonly event: Each;
    /** One sentence for the user. */
    readonly message: string;
    readonly fields: EventFields[Each];
  };
}[Name];

/** Takes an event; never throws, never waits. */
export type Publish = (event: ProxyEvent) => void;
