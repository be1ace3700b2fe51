import assert from "node:assert/strict";
import { POLICY_KEYS, POLICY_SETTINGS } from "../../src/config/policy.ts";

Deno.test("POLICY_SETTINGS say their value in the clause, and know the setting they may not be below", () => {
  for (const key of POLICY_KEYS) {
    const { clause, notBelow } = POLICY_SETTINGS[key];
    assert.notEqual(clause("request"), clause("session"), key);
    assert.equal(notBelow, key.endsWith("MaxMs") ? key.replace("MaxMs", "BaseMs") : undefined);
  }
});

Deno.test("POLICY_SETTINGS of one topic follow each other", () => {
  const topics = POLICY_KEYS.map((key) => POLICY_SETTINGS[key].topic);
  const starts = topics.filter((topic, at) => topic !== topics[at - 1]);
  assert.deepEqual(starts, [...new Set(topics)]);
});
