import assert from "node:assert/strict";
import { anAttempt } from "../support/events.ts";
import { aManagedProxy, STARTED_AT } from "../support/managed_proxy.ts";

Deno.test("traceAnswer() shows what is running, and answers when that changes if it is asked to", async () => {
  const { ask, live } = aManagedProxy();
  const row = {
    request_id: "req_1",
    attempt: 1,
    state: "sent",
    began_at: STARTED_AT,
    method: "POST",
    path: "/responses",
    route: "request",
    model: null,
    session: null,
    auth_file: "a.json",
    auth_email: null,
    client_ip: "127.0.0.1",
  } as const;
  const waiting = ask("GET /trace?after=0&wait=30&live=0");
  const running = live.begin(() => row);
  const { running: shown, live_version } = (await waiting).body;
  assert.deepEqual([shown, live_version], [[row], 1]);
  running.end();
  const { body } = await ask("GET /trace?after=0&wait=30&live=1");
  assert.deepEqual([body.running, body.refused, body.live_version], [[], [], 2]);
});

Deno.test("traceAnswer() gives the newest rows of the trace, oldest first", async () => {
  const { ask, trace } = aManagedProxy();
  for (let i = 0; i < 5; i++) trace.add(anAttempt());
  const ids = async (line: string) => (await ask(line)).body.events.map(({ id }: { id: number }) => id);
  assert.deepEqual(await ids("GET /trace"), [1, 2, 3, 4, 5]);
  assert.deepEqual(await ids("GET /trace?limit=2"), [4, 5]);
  assert.deepEqual(await ids("GET /trace?limit=0"), []);
  assert.deepEqual(await ids("GET /trace?after=3"), [4, 5]);
  assert.equal((await ask("GET /trace")).body.started_at, STARTED_AT);
});

Deno.test("traceAnswer() holds back an answer without rows until there is one, or the time is up", async () => {
  const { ask, trace, clock } = aManagedProxy();
  trace.add(anAttempt());
  const answers: unknown[] = [];
  const wait = (after: number) =>
    ask(`GET /trace?after=${after}&wait=30`).then(({ body }) =>
      answers.push(body.events.map(({ id }: { id: number }) => id))
    );
  await wait(0);
  const first = wait(1);
  await clock.advance(29_000);
  assert.deepEqual(answers, [[1]]);
  trace.add(anAttempt());
  await first;
  assert.deepEqual([answers, clock.pendingTimers], [[[1], [2]], 0]);
  const second = wait(2);
  await clock.advance(30_000);
  await second;
  assert.deepEqual(answers, [[1], [2], []]);
});

Deno.test("traceAnswer() stops waiting for a row when the client disconnects", async () => {
  const { ask, clock, leave } = aManagedProxy();
  const answer = ask("GET /trace?after=0&wait=30");
  await clock.advance(1_000);
  leave();
  assert.deepEqual([(await answer).body.events, clock.pendingTimers], [[], 0]);
});
