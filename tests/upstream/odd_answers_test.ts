// What an upstream may write into errors, events and headers, however odd, is judged: nothing throws.

import assert from "node:assert/strict";
import fc from "fast-check";
import { classify, classifyFailure } from "../../src/upstream/classify.ts";
import { readCreditEvent } from "../../src/upstream/credit_readings.ts";
import { errorDetails } from "../../src/upstream/error_details.ts";
import { tokenCountsIn } from "../../src/upstream/token_counts.ts";
import { readWindowEvent, readWindows } from "../../src/upstream/window_readings.ts";
import { T0 } from "../support/builders.ts";
import { oddJson, UNTEXTUAL } from "../support/odd_json.ts";

const ASKED = { isModelCall: true, namesAccountState: true };
const headers = new Headers();

Deno.test("every error of an upstream has an outcome", () => {
  const bodies = oddJson(
    ..."error detail status status_code code type message param resets_at resets_in_seconds".split(" "),
    ..."limit_window_minutes limit_name plan_type identity_error_code error_code retry_after".split(" "),
  );
  fc.assert(fc.property(bodies, fc.constantFrom(400, 401, 403, 404, 429, 500), (body, status) => {
    const details = errorDetails(body);
    assert.ok(classify({ status, headers, details, bodyText: undefined }, ASKED, T0).kind);
    assert.ok(classifyFailure(details, { headers, asked: ASKED }, T0).kind);
    readWindows(headers, details, T0);
  }));
});

Deno.test("every event of an upstream is read", () => {
  const events = oddJson(
    ..."type rate_limits primary secondary used_percent window_minutes reset_at resets_in_seconds".split(" "),
    ..."metered_limit_name credits has_credits unlimited balance response usage input_tokens".split(" "),
    ..."input_tokens_details cached_tokens output_tokens".split(" "),
  );
  fc.assert(fc.property(events, (event) => {
    for (const { windowSeconds, limit } of readWindowEvent(event, T0)) assert.ok(windowSeconds >= 0 && limit);
    readCreditEvent(event);
    tokenCountsIn(event);
  }));
});

Deno.test("a window whose length and limit cannot be read is that of another limit", () => {
  const primary = { used_percent: 40, window_minutes: UNTEXTUAL };
  const [reading] = readWindowEvent({ metered_limit_name: UNTEXTUAL, rate_limits: { primary } }, T0);
  assert.deepEqual([reading?.limit, reading?.windowSeconds], ["other", 0]);
});
