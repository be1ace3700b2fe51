// How a key that fell comes back: when, how it is tried out, and what makes it whole. Contract, section 5.
// "work" is the key that each story is about; "spare" is there because a key that is alone is judged more mildly.

import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import type { Lease } from "../../src/auth/lease.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Secret } from "../../src/values/secret.ts";
import {
  aChoice,
  aRecord,
  aVerdict,
  LIMITED,
  limitedUntil,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

class Story {
  nowMs = T0;
  #work = aRecord("work");
  readonly #pool = new KeyPool(POLICY, () => {});

  constructor() {
    this.#pool.merge([this.#work, aRecord("spare")], this.nowMs);
  }

  passes(ms: number): void {
    this.nowMs += ms;
  }

  /** A client's request with the key "work" ends so. */
  requestEnds(outcome: Outcome): void {
    this.#judge({ record: this.#work, startedMs: this.nowMs }, outcome);
  }

  /** False when no trial of the key is due. */
  trialEnds(outcome: Outcome): boolean {
    const trial = this.#pool.beginDueTrials(this.nowMs).find(({ lease }) =>
      lease.record.file === "work.json"
    );
    if (trial) this.#judge(trial.lease, outcome);
    return trial !== undefined;
  }

  tokenIsReplaced(): void {
    this.#work = aRecord("work", { token: new Secret("a new token") });
    this.#pool.merge([this.#work, aRecord("spare")], this.nowMs);
  }

  /** Whom the next client gets. */
  get serves(): string | undefined {
    return this.#pool.pick(aChoice(), this.nowMs)?.key.file;
  }

  get state(): string {
    return this.#health.state.kind;
  }

  get remainingMs(): number {
    const { state } = this.#health;
    return "untilMs" in state ? state.untilMs - this.nowMs : 0;
  }

  get #health() {
    return this.#pool.describe(this.nowMs).find(({ record }) => record.file === "work.json")!.health;
  }

  #judge(lease: Lease, outcome: Outcome): void {
    const status = outcome.kind === "ok" ? 200 : outcome.kind === "rate_limited" ? 429 : 401;
    this.#pool.apply(lease, aVerdict(outcome, this.nowMs, { status }));
  }
}

/** The key has been rejected, and its time out is over. */
function onProbation(): Story {
  const story = new Story();
  story.requestEnds(REJECTED);
  story.passes(15 * MINUTE);
  assert.equal(story.state, "probation");
  return story;
}

Deno.test("a rejected key is out for 15 minutes, and the others serve", () => {
  const story = new Story();
  story.requestEnds(REJECTED);
  assert.deepEqual([story.state, story.remainingMs], ["blacklist", 15 * MINUTE]);
  story.passes(15 * MINUTE - 1);
  assert.deepEqual([story.state, story.serves, story.trialEnds(OK)], ["blacklist", "spare.json", false]);
  story.passes(1);
  assert.equal(story.state, "probation");
});

Deno.test("a key on probation is back after two successes in a row, at most one of them every 20 seconds", () => {
  const story = onProbation();
  assert.equal(story.trialEnds(OK), true);
  assert.equal(story.state, "probation");
  assert.equal(story.trialEnds(OK), false);
  story.passes(20 * SECOND);
  assert.equal(story.serves, "spare.json");
  assert.equal(story.trialEnds(OK), true);
  assert.equal(story.state, "ok");
});

Deno.test("one rejection on probation puts the key out again, each time for twice as long, up to 6 hours", () => {
  const story = onProbation();
  for (const out of [30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 6 * HOUR]) {
    assert.equal(story.trialEnds(REJECTED), true);
    assert.deepEqual([story.state, story.remainingMs], ["blacklist", out]);
    story.passes(out);
    assert.equal(story.state, "probation");
  }
});

Deno.test("a limited key waits for the time that the upstream names, and for nothing else", () => {
  const story = new Story();
  story.requestEnds(limitedUntil(T0 + 3 * HOUR));
  assert.deepEqual([story.state, story.remainingMs, story.serves], ["cooldown", 3 * HOUR, "spare.json"]);
  story.passes(3 * HOUR);
  assert.equal(story.state, "ok");
});

Deno.test("a limit without a time costs 30 seconds, each time twice as much, and the fifth in a row ejects", () => {
  const story = new Story();
  for (const out of [30, 60, 120, 240]) {
    story.requestEnds(LIMITED);
    assert.deepEqual([story.state, story.remainingMs], ["cooldown", out * SECOND]);
    story.passes(out * SECOND);
  }
  story.requestEnds(LIMITED);
  assert.deepEqual([story.state, story.remainingMs], ["blacklist", 15 * MINUTE]);
});

Deno.test("a success wipes out the strikes before it", () => {
  const story = new Story();
  story.requestEnds(LIMITED);
  story.passes(30 * SECOND);
  story.requestEnds(OK);
  story.requestEnds(LIMITED);
  assert.equal(story.remainingMs, 30 * SECOND);
});

Deno.test("a new token begins a new life", () => {
  const story = new Story();
  story.requestEnds(REJECTED);
  story.tokenIsReplaced();
  assert.equal(story.state, "ok");
  story.requestEnds(REJECTED);
  assert.equal(story.remainingMs, 15 * MINUTE);
});
