import assert from "node:assert/strict";
import { UserError } from "../../src/values/user_error.ts";
import type { ManagementClient, Result } from "../../src/api/client.ts";
import type { Received } from "../../src/api/received.ts";
import type { Trace } from "../../src/api/trace.ts";
import { type FeedEvent, followTrace } from "../../src/runtime/trace_feed.ts";
import { aTraceRow } from "../support/pages.ts";

type Answer = Result<Received<Trace>> | "not found";

const SETTINGS = { limit: 200, begin: <T>(rows: T) => rows, isLive: false };
const GONE: Answer = { kind: "unreachable", reason: "connection refused" };

function rowsOf(run: string, ...ids: number[]): Answer {
  const events = ids.map((id) => aTraceRow({ id }));
  return { kind: "answer", value: { started_at: run, events, running: [], refused: [], live_version: 3 } };
}

/** What a feed tells and asks of a proxy that answers like this, one answer a question. */
async function story(...answers: Answer[]) {
  const asked: string[] = [];
  const trace: ManagementClient["trace"] = (query) => {
    asked.push(Object.values(query).filter((value) => value !== undefined).join("+"));
    const answer = answers.shift();
    return answer && answer !== "not found" ? Promise.resolve(answer) : new Promise(() => {});
  };
  const find = () => {
    if (answers[0] !== "not found") return Promise.resolve({ trace } as ManagementClient);
    answers.shift();
    return Promise.reject(new UserError("The proxy is not running"));
  };
  const told: string[] = [];
  const feed = followTrace({ find, ...SETTINGS, pause: () => Promise.resolve() });
  while (answers.length > 0) {
    const { value } = await feed.next();
    told.push(wordsOf(value));
  }
  return { told, asked };
}

function wordsOf(event: FeedEvent): string {
  switch (event.kind) {
    case "found":
      return "found";
    case "rows":
      return `${event.run}: ${event.rows.map(({ id }) => id).join(" ")}`;
    case "lost":
      return `lost: ${event.reason}`;
  }
}

Deno.test("followTrace() asks for what there is, then waits for what comes after it", async () => {
  const { told, asked } = await story(rowsOf("a", 7, 8), rowsOf("a"), rowsOf("a", 9), rowsOf("a", 10, 11));
  assert.deepEqual(told, ["found", "a: 7 8", "a: ", "a: 9", "a: 10 11"]);
  assert.deepEqual(asked, ["200", "8+5", "8+5", "9+5"]);
});

Deno.test("followTrace() waits for the first attempt of all", async () => {
  assert.deepEqual((await story(rowsOf("a"), rowsOf("a", 1))).asked, ["200", "0+5"]);
});

Deno.test("followTrace() goes on where it was when the same proxy answers again", async () => {
  const { told, asked } = await story(rowsOf("a", 8), GONE, rowsOf("a", 9));
  assert.deepEqual(told, ["found", "a: 8", "lost: connection refused", "found", "a: 9"]);
  assert.deepEqual(asked, ["200", "8+5", "8+0"]);
});

Deno.test("followTrace() begins again at the first attempt of a proxy that was restarted", async () => {
  const { told, asked } = await story(rowsOf("a", 8), GONE, "not found", rowsOf("b"), rowsOf("b", 1, 2));
  assert.deepEqual(told, [
    "found",
    "a: 8",
    "lost: connection refused",
    "lost: The proxy is not running",
    "found",
    "b: ",
    "b: 1 2",
  ]);
  assert.deepEqual(asked, ["200", "8+5", "8+0", "0+5"]);
});

Deno.test("followTrace() leaves out rows that it got by asking after another run's id", async () => {
  const { told } = await story(rowsOf("a", 2), rowsOf("b", 3, 4), rowsOf("b", 1, 2, 3, 4));
  assert.deepEqual(told, ["found", "a: 2", "b: ", "b: 1 2 3 4"]);
});

Deno.test("followTrace() tells of a proxy with another management key, and looks for it again", async () => {
  const { told } = await story({ kind: "unauthorized" }, rowsOf("a", 1));
  assert.deepEqual(told, ["found", "lost: it has another management key", "found", "a: 1"]);
});

Deno.test("followTrace() leaves a bug to its reader", async () => {
  const find = () => Promise.reject(new TypeError("a fault"));
  await assert.rejects(followTrace({ find, ...SETTINGS, pause: () => Promise.resolve() }).next(), TypeError);
});

Deno.test("followTrace() also waits for changes of what is running when it is live", async () => {
  const asked: unknown[] = [];
  const answers = [rowsOf("a", 7), rowsOf("a")];
  const trace: ManagementClient["trace"] = (query) => {
    asked.push(query);
    return Promise.resolve(answers.shift() as Result<Received<Trace>>);
  };
  const find = () => Promise.resolve({ trace } as ManagementClient);
  const feed = followTrace({ find, ...SETTINGS, isLive: true, pause: () => Promise.resolve() });
  for (let count = 0; count < 3; count++) await feed.next();
  assert.deepEqual(asked, [{ limit: 200 }, { after: 7, waitS: 5, live: 3 }]);
});

Deno.test("followTrace() begins with the attempts that its reader wants", async () => {
  const trace = () => Promise.resolve(rowsOf("a", 5, 6, 7) as Result<Received<Trace>>);
  const find = () => Promise.resolve({ trace } as unknown as ManagementClient);
  const feed = followTrace({
    find,
    ...SETTINGS,
    begin: (rows) => rows.slice(-2),
    pause: () => Promise.resolve(),
  });
  await feed.next();
  const { value } = await feed.next();
  assert.equal(wordsOf(value), "a: 6 7");
});
