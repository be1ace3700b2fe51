// One attempt at an upstream in memory, made by the program, with all that it records.

import assert from "node:assert/strict";
import type { Credits } from "../../src/auth/credits.ts";
import type { WindowReading } from "../../src/auth/limits.ts";
import { streamOf } from "../../src/system/http_body.ts";
import { makeAttempt } from "../../src/upstream/attempt.ts";
import type { Attempt, AttemptEnd } from "../../src/upstream/attempt_end.ts";
import type { UpstreamLink } from "../../src/upstream/attempt_watch.ts";
import type { Repeating } from "../../src/upstream/lost_connection.ts";
import type { TokenCounts } from "../../src/upstream/token_counts.ts";
import { aRecord } from "./builders.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeSend, type Reply } from "./fake_send.ts";
import { aLink } from "./upstream_link.ts";

/** An attempt with key `a`, with all that it records. */
export function anAttempt(
  reply: Reply,
  { asksModel = false, namesAccountState = false, givesOutIds = false, repeating = "unsafe", ...over }:
    & Partial<UpstreamLink>
    & {
      asksModel?: boolean;
      namesAccountState?: boolean;
      givesOutIds?: boolean;
      repeating?: Repeating;
    } = {},
) {
  const clock = new FakeClock();
  const client = new AbortController();
  const ends: AttemptEnd[] = [];
  const windows: WindowReading[] = [];
  const credits: (Credits | undefined)[] = [];
  const outlines: unknown[] = [];
  const notes: string[] = [];
  const recorder = {
    key: aRecord("a"),
    noteWindows: (readings: readonly WindowReading[]) => void windows.push(...readings),
    noteCredits: (reading: Credits | undefined) => void credits.push(reading),
    noteAnswer: (outline: unknown) => void outlines.push(outline),
    noteStreaming: () => void notes.push("streaming"),
    noteTokens: ({ input, cached, output }: TokenCounts) => void notes.push(`${input} ${cached} ${output}`),
    conclude: (end: AttemptEnd) => (ends.push(end), end.outcome),
  };
  const link = aLink({ send: new FakeSend(reply).send, clock, ...over });
  const request = {
    method: "POST",
    url: "http://upstream.example/",
    headers: new Headers(),
    signal: client.signal,
  };
  return {
    clock,
    client,
    ends,
    windows,
    credits,
    outlines,
    notes,
    result: makeAttempt(link, request, {
      recorder,
      asked: { isModelCall: asksModel, namesAccountState },
      givesOutIds,
      repeating,
    }),
  };
}

/** The body of an answer. */
export async function textOf(attempt: Attempt): Promise<string> {
  assert.ok(attempt.kind === "answered");
  return await new Response(streamOf(attempt.answer.body)).text();
}
