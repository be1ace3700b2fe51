import assert from "node:assert/strict";
import fc from "fast-check";
import type { AbsentHolder, LiveHolder } from "../../src/runtime/holder.ts";
import {
  planStart,
  planStop,
  type Reply,
  type ServiceFacts,
  type StartPlan,
  type StartWish,
  whyAbsent,
} from "../../src/runtime/plan.ts";
import { aDebugView } from "../support/service_world.ts";

const PID = 4120;
const MINUTE_MS = 60_000;
const DRAIN_MS = 10_000;

const OURS: LiveHolder = { kind: "ours", pid: PID, identity: "ticks:99", ageMs: MINUTE_MS };
const UNPROVEN: LiveHolder = { kind: "unproven", pid: PID, ageMs: MINUTE_MS };
const ENDED: AbsentHolder = { kind: "ended", pid: PID };
const DEBUG: Reply = { kind: "debug", debug: aDebugView() };
const LEAVING: Reply = { kind: "debug", debug: aDebugView({ status: "shutting_down" }) };
const UNAUTHORIZED: Reply = { kind: "unauthorized" };
const SILENT: Reply = { kind: "silent", reason: "no answer within 2s" };

const WISH: StartWish = { force: false, drainMs: DRAIN_MS };
const FORCE: StartWish = { ...WISH, force: true };

const START_PLANS: readonly {
  when: string;
  facts: ServiceFacts;
  wish?: StartWish;
  plan: StartPlan["kind"];
}[] = [
  { when: "none ever ran", facts: { holder: { kind: "none" } }, plan: "start" },
  { when: "the last one has ended", facts: { holder: ENDED }, plan: "start" },
  { when: "its pid is another program's", facts: { holder: { kind: "foreign", pid: PID } }, plan: "start" },
  { when: "it has ended and --force is given", facts: { holder: ENDED }, wish: FORCE, plan: "start" },
  { when: "it answers", facts: { holder: OURS, reply: DEBUG }, plan: "reuse" },
  { when: "it answers and is unproven", facts: { holder: UNPROVEN, reply: DEBUG }, plan: "reuse" },
  {
    when: "it answers and --force is given",
    facts: { holder: OURS, reply: DEBUG },
    wish: FORCE,
    plan: "replace",
  },
  { when: "it shuts down", facts: { holder: OURS, reply: LEAVING }, plan: "wait" },
  { when: "it has another key", facts: { holder: OURS, reply: UNAUTHORIZED }, plan: "refuse" },
  {
    when: "it has another key and --force is given",
    facts: { holder: OURS, reply: UNAUTHORIZED },
    wish: FORCE,
    plan: "replace",
  },
  {
    when: "it has another key, is unproven, and --force is given",
    facts: { holder: UNPROVEN, reply: UNAUTHORIZED },
    wish: FORCE,
    plan: "refuse",
  },
  { when: "it hangs", facts: { holder: OURS, reply: SILENT }, plan: "replace" },
  { when: "it hangs and is unproven", facts: { holder: UNPROVEN, reply: SILENT }, plan: "refuse" },
  { when: "it is young", facts: { holder: { ...OURS, ageMs: 9_999 }, reply: SILENT }, plan: "wait" },
  {
    when: "it is no longer young",
    facts: { holder: { ...OURS, ageMs: 10_000 }, reply: SILENT },
    plan: "replace",
  },
  {
    when: "the clock was set back",
    facts: { holder: { ...OURS, ageMs: -1 }, reply: SILENT },
    plan: "replace",
  },
  {
    when: "it is young and --force is given",
    facts: { holder: { ...OURS, ageMs: 0 }, reply: SILENT },
    wish: FORCE,
    plan: "replace",
  },
];

for (const { when, facts, wish = WISH, plan } of START_PLANS) {
  Deno.test(`planStart() decides to ${plan} when ${when}`, () => {
    assert.equal(planStart(facts, wish).kind, plan);
  });
}

Deno.test("planStart() says in its reasons which process it is about", () => {
  for (const reply of [UNAUTHORIZED, SILENT]) {
    const plan = planStart({ holder: OURS, reply }, WISH);
    assert.match("reason" in plan ? plan.reason : "", /pid 4120/);
  }
});

const STOP_STEPS: readonly { when: string; facts: ServiceFacts; steps: readonly string[] }[] = [
  {
    when: "it answers",
    facts: { holder: OURS, reply: DEBUG },
    steps: ["ask 13000", "SIGTERM 3000", "SIGKILL 2000"],
  },
  { when: "it answers and is unproven", facts: { holder: UNPROVEN, reply: DEBUG }, steps: ["ask 13000"] },
  {
    when: "it has another key",
    facts: { holder: OURS, reply: UNAUTHORIZED },
    steps: ["SIGTERM 13000", "SIGKILL 2000"],
  },
  { when: "it hangs", facts: { holder: OURS, reply: SILENT }, steps: ["SIGTERM 3000", "SIGKILL 2000"] },
];

for (const { when, facts, steps } of STOP_STEPS) {
  Deno.test(`planStop() goes by ${steps.join(", ")} when ${when}`, () => {
    const plan = planStop(facts, DRAIN_MS);
    assert.deepEqual("steps" in plan && plan.steps.map(({ act, graceMs }) => `${act} ${graceMs}`), steps);
  });
}

Deno.test("planStop() has nothing to do when nothing of ours runs, and says why", () => {
  for (const holder of [{ kind: "none" }, ENDED, { kind: "foreign", pid: PID }] as const) {
    assert.deepEqual(planStop({ holder }, DRAIN_MS), { kind: "nothing", reason: whyAbsent(holder) });
  }
  assert.match(whyAbsent({ kind: "foreign", pid: PID }), /4120 belongs to another program/);
});

const replies = fc.constantFrom(DEBUG, LEAVING, UNAUTHORIZED, SILENT);
const facts: fc.Arbitrary<ServiceFacts> = fc.oneof(
  fc.constantFrom<ServiceFacts>({ holder: { kind: "none" } }, { holder: ENDED }, {
    holder: { kind: "foreign", pid: PID },
  }),
  fc.record({ holder: fc.constantFrom(OURS, UNPROVEN), reply: replies }),
);

Deno.test("planStop() signals a process only when it is proven to be ours", () => {
  fc.assert(fc.property(facts, fc.nat(), (seen, drainMs) => {
    const plan = planStop(seen, drainMs);
    const signals = plan.kind === "end" && plan.steps.some(({ act }) => act !== "ask");
    assert.equal(signals, seen.holder.kind === "ours");
  }));
});

Deno.test("planStart() replaces only what planStop() can end", () => {
  fc.assert(fc.property(facts, fc.boolean(), (seen, force) => {
    if (planStart(seen, { ...WISH, force }).kind !== "replace") return;
    assert.equal(planStop(seen, DRAIN_MS).kind, "end");
  }));
});
