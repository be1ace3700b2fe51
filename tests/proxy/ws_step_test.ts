import assert from "node:assert/strict";
import fc from "fast-check";
import type { Refusal } from "../../src/proxy/refusal.ts";
import type { Step } from "../../src/proxy/step.ts";
import { type CallMessage, readFailure } from "../../src/proxy/ws_frame.ts";
import { OPENED, type WsAction, type WsEvent, type WsState, wsStep } from "../../src/proxy/ws_step.ts";
import { aChoice, aRecord } from "../support/builders.ts";

const MIB = 2 ** 20;
const SEND: Step = { kind: "send", key: aRecord("b"), choice: aChoice() };
const RELAY: Step = { kind: "relay" };
const NONE_LEFT: Refusal = {
  status: 429,
  type: "usage_limit_reached",
  message: "all used up",
  retry: { afterS: 60, resetsAtS: 1_800_000_060 },
  plain: undefined,
};
const REFUSE: Step = { kind: "refuse", refusal: NONE_LEFT };
const DEAD: Step = {
  kind: "refuse",
  refusal: {
    status: 400,
    type: "no_usable_keys",
    message: "all rejected",
    retry: undefined,
    plain: undefined,
  },
};
const WAIT: Step = { kind: "wait", untilMs: 0, renewals: [] };

function call(over: Partial<CallMessage> = {}): WsEvent {
  const message = { model: "m", previousId: undefined, isPrewarm: false, ...over };
  return { kind: "client_message", call: message, byteLength: 1000 };
}

type Passing = Extract<WsEvent, { kind: "upstream_event" }>["event"];

function event(name: Passing, warmId?: string): WsEvent {
  return { kind: "upstream_event", event: name, warmId };
}

function failure(step: Step, over: Record<string, unknown> = {}): WsEvent {
  const error = { type: "error", status: 429, error: { type: "usage_limit_reached" }, ...over };
  return { kind: "upstream_failure", failure: readFailure(JSON.stringify(error)), step };
}

const FULL = call();
const DELTA = call({ previousId: "r1" });
const WARM = call({ isPrewarm: true });
const OTHER: WsEvent = { kind: "client_message", call: undefined, byteLength: 10 };
const RETIRE: WsEvent = { kind: "retire", code: 1012 };

function play(
  events: readonly WsEvent[],
  from: WsState = OPENED,
): { state: WsState; last: readonly WsAction[] } {
  let [state, last]: [WsState, readonly WsAction[]] = [from, []];
  for (const each of events) ({ state, actions: last } = wsStep(state, each));
  return { state, last };
}

/** `tell 400 previous_response_not_found`, `close 1012` */
function textOf(action: WsAction): string {
  switch (action.kind) {
    case "tell": {
      const { status, error: { code, type } } = JSON.parse(action.event);
      return `tell ${status} ${code ?? type}${action.isResend ? " resend" : ""}`;
    }
    case "close":
      return `close ${action.code}`;
    default:
      return action.kind;
  }
}

const ROWS: readonly (readonly [what: string, events: readonly WsEvent[], expected: string])[] = [
  ["a call goes on", [FULL], "to_upstream"],
  ["another message goes on", [OTHER], "to_upstream"],
  ["an invisible event of a call is held", [FULL, event("invisible")], "hold"],
  ["a limits event of a call is held", [FULL, event("limits")], "hold"],
  ["a visible event goes on", [FULL, event("invisible"), event("visible")], "to_client"],
  [
    "an invisible event after a visible one goes on",
    [FULL, event("visible"), event("invisible")],
    "to_client",
  ],
  ["an event without a call goes on", [event("limits")], "to_client"],
  ["the end of a call goes on", [FULL, event("visible"), event("completed")], "to_client"],

  ["a full call moves", [FULL, failure(SEND)], "move"],
  ["a full call moves after invisible events", [FULL, event("invisible"), failure(SEND)], "move"],
  ["a prewarm moves", [WARM, failure(SEND)], "move"],
  ["a call after a prewarm moves", [
    WARM,
    event("completed", "w1"),
    call({ previousId: "w1" }),
    failure(SEND),
  ], "move"],
  [
    "a delta is asked for in full",
    [DELTA, failure(SEND)],
    "tell 400 previous_response_not_found resend, close 1012",
  ],
  [
    "a call that goes on from another id than the prewarm's is a delta",
    [WARM, event("completed", "w1"), DELTA, failure(SEND)],
    "tell 400 previous_response_not_found resend, close 1012",
  ],
  [
    "a visible call is asked again",
    [FULL, event("visible"), failure(SEND)],
    "tell 503 moved_to_next_key resend, close 1012",
  ],
  [
    "a visible delta is asked again",
    [DELTA, event("visible"), failure(SEND)],
    "tell 503 moved_to_next_key resend, close 1012",
  ],
  ["of two calls none moves", [FULL, FULL, failure(SEND)], "close 1012"],
  ["a failure without a call closes", [failure(SEND)], "close 1012"],
  ["the second call of a session moves", [FULL, event("completed"), FULL, failure(SEND)], "move"],
  ["a moved call is made again", [FULL, failure(SEND), { kind: "moved" }], "replay"],
  ["a moved call moves again", [FULL, failure(SEND), { kind: "moved" }, failure(SEND)], "move"],
  [
    "a warm id is the former connection's",
    [
      WARM,
      event("completed", "w1"),
      FULL,
      failure(SEND),
      { kind: "moved" },
      event("completed"),
      call({ previousId: "w1" }),
      failure(SEND),
    ],
    "tell 400 previous_response_not_found resend, close 1012",
  ],
  [
    "a call that finds no key is told so",
    [FULL, failure(SEND), { kind: "not_moved", refusal: NONE_LEFT }],
    "tell 429 usage_limit_reached, close 1012",
  ],
  ["a call that finds no upstream is the client's", [FULL, failure(SEND), {
    kind: "not_moved",
    refusal: undefined,
  }], "close 1012"],

  ["no key left", [FULL, failure(REFUSE)], "tell 429 usage_limit_reached, close 1012"],
  ["no key left for a delta", [DELTA, failure(REFUSE)], "tell 429 usage_limit_reached, close 1012"],
  [
    "no key left after output",
    [FULL, event("visible"), failure(REFUSE)],
    "tell 429 usage_limit_reached, close 1012",
  ],
  ["no key left at all", [FULL, failure(DEAD)], "close 1012"],
  ["a key is free in a moment", [FULL, failure(WAIT)], "move"],
  [
    "a key is free in a moment for a delta",
    [DELTA, failure(WAIT)],
    "tell 400 previous_response_not_found resend, close 1012",
  ],
  ["a failure of the request goes on", [FULL, failure(RELAY, { status: 400 })], "to_client"],
  ["a failure without a status closes", [FULL, failure(RELAY, { status: undefined })], "close 1011"],
  ["a failure with null as status closes", [FULL, failure(RELAY, { status: null })], "close 1011"],
  [
    "an unknown previous response goes on",
    [DELTA, failure(SEND, { status: undefined, error: { code: "previous_response_not_found" } })],
    "to_client",
  ],
  [
    "the hour of a connection goes on",
    [DELTA, failure(SEND, { status: 400, error: { code: "websocket_connection_limit_reached" } })],
    "to_client",
  ],
  [
    "a failed response goes on",
    [FULL, failure(RELAY, { type: "response.failed", status: undefined })],
    "to_client",
  ],

  [
    "a large message closes for good",
    [{ kind: "client_message", call: undefined, byteLength: 16 * MIB }],
    "pin_to_http, close 1009",
  ],
  [
    "a message below 16 MiB goes on",
    [{ kind: "client_message", call: undefined, byteLength: 16 * MIB - 1 }],
    "to_upstream",
  ],
  [
    "the upstream finds a message too large",
    [FULL, { kind: "upstream_ended", code: 1009 }],
    "pin_to_http, close 1009",
  ],
  ["the upstream restarts", [{ kind: "upstream_ended", code: 1012 }], "close 1012"],
  ["the upstream has codes of its own", [{ kind: "upstream_ended", code: 4000 }], "close 4000"],
  ["the upstream names no code", [{ kind: "upstream_ended", code: 1005 }], "close 1011"],
  ["the upstream is gone", [FULL, { kind: "upstream_ended", code: undefined }], "close 1011"],
  ["the client leaves", [FULL, { kind: "client_ended" }], "close 1000"],
  ["a side reads too slowly", [FULL, { kind: "too_slow" }], "close 1011"],
  ["a busy session is cut", [FULL, { kind: "cut", code: 1001 }], "close 1001"],
  [
    "a session that moved stays",
    [FULL, RETIRE, failure(SEND), { kind: "moved" }, event("completed")],
    "to_client",
  ],
  [
    "a session that moved while the proxy stops ends",
    [FULL, { kind: "retire", code: 1001 }, failure(SEND), { kind: "moved" }, event("completed")],
    "to_client, close 1001",
  ],

  ["an idle session retires", [RETIRE], "close 1012"],
  [
    "a session retires after its call",
    [FULL, RETIRE, event("visible"), event("completed")],
    "to_client, close 1012",
  ],
  ["a busy session does not retire yet", [FULL, RETIRE], ""],
  [
    "a session retires after a failure that goes on",
    [FULL, RETIRE, failure(RELAY, { status: 400 })],
    "to_client, close 1012",
  ],
  ["a session retires after all of its calls", [FULL, FULL, RETIRE, event("completed")], "to_client"],
  ["nothing happens after a close", [RETIRE, FULL], ""],
  ["nothing happens after the client has left", [FULL, { kind: "client_ended" }, failure(SEND)], ""],
];

for (const [what, events, expected] of ROWS) {
  Deno.test(`wsStep(): ${what}`, () => {
    assert.equal(play(events).last.map(textOf).join(", "), expected);
  });
}

const aStep = fc.constantFrom(SEND, SEND, RELAY, REFUSE, WAIT);
const aStatus = fc.constantFrom<unknown>(429, 401, 503, 400, null, undefined, "429");
const aCode = fc.constantFrom("usage_limit_reached", "token_revoked", "previous_response_not_found", "x");
const aFailure = fc.tuple(aStep, aStatus, aCode).map(([step, status, code]) =>
  failure(step, { status, error: { code, type: code } })
);
const passing = (...names: readonly Passing[]) => fc.constantFrom(...names).map((name) => event(name));
/** One call from its message to its end. */
const aRound = fc.tuple(
  fc.constantFrom(FULL, DELTA, WARM, call({ previousId: "w1" })),
  fc.array(passing("limits", "created", "invisible"), { maxLength: 2 }),
  fc.array(passing("visible"), { maxLength: 1 }),
  fc.oneof(passing("completed", "incomplete"), fc.constant(event("completed", "w1")), aFailure, aFailure),
).map(([first, hidden, shown, last]): readonly WsEvent[] => [first, ...hidden, ...shown, last]);
/** Anything, at any time. */
const anEvent: fc.Arbitrary<WsEvent> = fc.oneof(
  fc.constantFrom<WsEvent>(FULL, DELTA, OTHER, RETIRE, { kind: "client_ended" }, { kind: "too_slow" }, {
    kind: "upstream_ended",
    code: 1001,
  }),
  passing("limits", "visible", "completed"),
  aFailure,
);
const NOT_MOVED: WsEvent = { kind: "not_moved", refusal: NONE_LEFT };

/** Plays events as the loop does: while a key is dialled, only that and the client's end can happen. */
function history(events: readonly WsEvent[]) {
  let state = OPENED;
  const steps: { before: WsState; event: WsEvent; actions: readonly WsAction[] }[] = [];
  for (const each of events) {
    const dialled: WsEvent = each.kind === "upstream_failure" ? NOT_MOVED : { kind: "moved" };
    const happens = state.phase === "moving" && each.kind !== "client_ended" ? dialled : each;
    const { state: next, actions } = wsStep(state, happens);
    steps.push({ before: state, event: happens, actions });
    state = next;
  }
  return steps;
}

const someEvents = fc.array(
  fc.oneof({ weight: 6, arbitrary: aRound }, { weight: 1, arbitrary: anEvent.map((each) => [each]) }),
  { maxLength: 15 },
).map((rounds) => rounds.flat());

// A property that nothing reaches proves nothing: a number of the runs has to be about it.
const RUNS = 1500;

function checkHistories(
  leastCases: number,
  check: (steps: ReturnType<typeof history>) => number,
): void {
  let cases = 0;
  fc.assert(fc.property(someEvents, (events) => void (cases += check(history(events)))), { numRuns: RUNS });
  assert(cases >= leastCases, `only ${cases} cases in ${RUNS} histories`);
}

Deno.test("wsStep() does nothing after a close, and a close is the last of its actions", () => {
  checkHistories(100, (steps) => {
    const actions = steps.flatMap(({ actions }) => actions);
    const closedAt = actions.findIndex(({ kind }) => kind === "close");
    assert(closedAt < 0 || closedAt === actions.length - 1);
    return closedAt < 0 ? 0 : 1;
  });
});

Deno.test("wsStep() never sends to another key what depends on the connection", () => {
  checkHistories(50, (steps) => {
    const moves = steps.filter(({ actions }) => actions.some(({ kind }) => kind === "move"));
    for (const { before, actions } of moves) {
      assert.deepEqual(actions.map(({ kind }) => kind), ["move"]);
      assert.equal(before.calls.length, 1);
      assert(before.calls[0]!.isFull && !before.calls[0]!.isVisible);
    }
    return moves.length;
  });
});

Deno.test("wsStep() makes a call again only right after a move, and hands nothing else on meanwhile", () => {
  checkHistories(20, (steps) => {
    let [isMoving, count] = [false, 0];
    for (const { actions } of steps) {
      for (const { kind } of actions) {
        if (kind === "replay") assert(isMoving, "replayed without a move");
        if (kind === "to_upstream" || kind === "to_client") assert(!isMoving, `${kind} while moving`);
        if (kind === "replay") count++;
        isMoving = kind === "move" || (isMoving && kind !== "replay" && kind !== "close");
      }
    }
    return count;
  });
});

// What is known without looking into the state: which calls go on from a response of this very connection.
Deno.test("wsStep() takes a call for a whole one only if it names no response, or that of a prewarm here", () => {
  checkHistories(50, (steps) => {
    let warm = new Set<string>();
    let count = 0;
    let last: string | undefined | null = null;
    for (const { event: each, actions } of steps) {
      if (each.kind === "client_message" && each.call) last = each.call.previousId;
      if (actions.some(({ kind }) => kind === "move")) {
        assert(
          last === undefined || (last !== null && warm.has(last)),
          `moved a call that goes on from ${last}`,
        );
        // The call goes on without the id, and may move again.
        [warm, last] = [new Set(), undefined];
        count++;
      }
      if (each.kind === "upstream_event" && each.warmId !== undefined) warm.add(each.warmId);
    }
    return count;
  });
});

Deno.test("wsStep() shows the client no failure of a key while another is usable, and none that it cannot read", () => {
  checkHistories(50, (steps) => {
    const failures = steps.flatMap(({ event: each, actions }) =>
      each.kind === "upstream_failure" ? [{ each, actions }] : []
    );
    for (const { each: { failure, step }, actions } of failures) {
      if (actions.some(({ kind }) => kind === "to_client")) {
        assert(failure.isUnderstood);
        assert(failure.isForClient || step.kind === "relay");
      }
      const isUsable = step.kind === "send" || step.kind === "wait";
      for (const action of actions) {
        if (action.kind !== "tell") continue;
        const { status, error } = JSON.parse(action.event);
        assert.equal(typeof status, "number");
        // What asks the client to send its call again at once is not a quota.
        if (isUsable) assert(action.isResend && error.type !== "usage_limit_reached");
      }
    }
    return failures.filter(({ each: { step } }) => step.kind === "send").length;
  });
});
