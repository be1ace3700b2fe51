// What happens to the live view, and the state that it is in then.

import { tuiAfter } from "../../src/observability/tui.ts";
import type { AttemptRow } from "../../src/observability/tui/data.ts";
import { initialTui, type TuiEvent, type TuiState } from "../../src/observability/tui/state.ts";
import { decodeKeys } from "../../src/system/keys.ts";
import { anAnswer, anAttemptRow } from "./attempts.ts";
import { SECOND, T0 } from "./builders.ts";

/** Attempts with these ids; each is a request of its own. */
export function attempts(ids: readonly number[], over: Partial<AttemptRow> = {}): readonly AttemptRow[] {
  return ids.map((id) => anAttemptRow({ id, requestId: `req_${id}`, atMs: T0 + id * SECOND, ...over }));
}

/** The arrival of such attempts. */
export function arrival(ids: readonly number[], over: Partial<AttemptRow> = {}): TuiEvent {
  return anAnswer(attempts(ids, over));
}

/** The state of a view of five rows after these events. A text is what a terminal sends for keys. */
export function story(...happenings: readonly (string | TuiEvent)[]): TuiState {
  const events = happenings.flatMap((happening): readonly TuiEvent[] =>
    typeof happening === "string"
      ? decodeKeys(happening, true).keys.map((key) => ({ kind: "key", key }))
      : [happening]
  );
  return events.reduce((state, event) => tuiAfter(state, event, T0), initialTui({ columns: 80, rows: 9 }));
}
