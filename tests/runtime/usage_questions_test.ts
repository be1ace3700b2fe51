import assert from "node:assert/strict";
import { type UsageQuestion, UsageQuestions } from "../../src/runtime/usage_questions.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { aUsage } from "../support/usage.ts";

function asking() {
  const clock = new FakeClock();
  const sent: UsageQuestion[] = [];
  return { clock, sent, questions: new UsageQuestions(clock, (question) => sent.push(question)) };
}

Deno.test("each question gets its own answer, in whichever order they come", async () => {
  const { questions, sent, clock } = asking();
  const asked = [questions.ask({ days: 1, by: "key" }), questions.ask({ days: 2, by: "day" })];
  questions.take(sent[1]!.id, aUsage({ by: "day" }));
  questions.take(sent[0]!.id, undefined);
  assert.deepEqual((await Promise.all(asked)).map((answer) => answer?.by), [undefined, "day"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a question that is not answered ends, and a late answer has no effect", async () => {
  const { questions, sent, clock } = asking();
  const asked = questions.ask({ days: 1, by: "key" });
  await clock.advance(10_000);
  assert.equal(await asked, undefined);
  questions.take(sent[0]!.id, aUsage());
});
