import assert from "node:assert/strict";
import { Secret } from "../../src/values/secret.ts";
import { createManagementClient, type ManagementClient } from "../../src/api/client.ts";
import { type Send, SendError, type UpstreamRequest } from "../../src/system/http.ts";
import type { PlainAnswer, PlainQuestion } from "../../src/system/plain_get.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { anAccountOf, aTraceRow } from "../support/pages.ts";
import { aDebugView } from "../support/service_world.ts";

const BASE_URL = "http://127.0.0.1:8317";

function clientOver(send: Send, clock = new FakeClock()): ManagementClient {
  return createManagementClient({ send, clock, baseUrl: BASE_URL, managementKey: new Secret("the-key") });
}

function answering(status: number, body: unknown): ManagementClient {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return clientOver(() => Promise.resolve(new Response(text, { status })));
}

function aTrace(events: readonly unknown[]) {
  return { events, running: [], refused: [], live_version: 0, started_at: "2027-01-15T08:00:00.000Z" };
}

const CALLS: readonly {
  call: (client: ManagementClient) => Promise<unknown>;
  asks: string;
  body: unknown;
}[] = [
  { call: (client) => client.debug(), asks: "GET /debug", body: aDebugView() },
  {
    call: (client) => client.health(),
    asks: "GET /health",
    body: { ok: true, running_requests: 1, accounts: [anAccountOf({ file: "a" })] },
  },
  {
    call: (client) => client.health({ refresh: true }),
    asks: "GET /health?refresh=1",
    body: { ok: false, running_requests: 0, accounts: [] },
  },
  {
    call: (client) => client.trace({ limit: 5 }),
    asks: "GET /trace?limit=5",
    body: aTrace([aTraceRow({ id: 1 })]),
  },
  { call: (client) => client.trace({ after: 9 }), asks: "GET /trace?after=9", body: aTrace([]) },
  {
    call: (client) => client.trace({ after: 9, waitS: 10 }),
    asks: "GET /trace?after=9&wait=10",
    body: aTrace([]),
  },
  {
    call: (client) => client.trace({ after: 9, waitS: 10, live: 4 }),
    asks: "GET /trace?after=9&wait=10&live=4",
    body: aTrace([]),
  },
  { call: (client) => client.authFiles(), asks: "GET /auth-files", body: { files: [] } },
  { call: (client) => client.shutdown(), asks: "POST /shutdown", body: { status: "shutting_down" } },
  {
    call: (client) => client.reset({}),
    asks: "POST /reset",
    body: { reset: 2, files: ["a", "b"], filter: { name: null, state: null } },
  },
  {
    call: (client) => client.reset({ name: "a b&c.json", state: "cooldown" }),
    asks: "POST /reset?name=a+b%26c.json&state=cooldown",
    body: { reset: 0, files: [], filter: { name: "a", state: "cooldown" } },
  },
];

for (const { call, asks, body } of CALLS) {
  Deno.test(`the client sends ${asks} with the key and reads the answer`, async () => {
    const requests: UpstreamRequest[] = [];
    const client = clientOver((request) => {
      requests.push(request);
      return Promise.resolve(Response.json(body));
    });
    assert.deepEqual(await call(client), { kind: "answer", value: body });
    const [request] = requests;
    assert.equal(`${request?.method} ${request?.url}`, asks.replace(" ", ` ${BASE_URL}`));
    assert.equal(request?.headers.get("x-management-key"), "the-key");
  });

  Deno.test(`the client takes no other JSON for an answer to ${asks}`, async () => {
    assert.equal((await call(answering(200, { hello: "world" })) as { kind: string }).kind, "unexpected");
  });
}

Deno.test("metrics() gives the text as it came", async () => {
  assert.deepEqual(await answering(200, "a 1\n").metrics(), { kind: "answer", value: "a 1\n" });
});

const RESULTS: readonly { when: string; client: ManagementClient; result: unknown }[] = [
  { when: "the key is refused", client: answering(401, { error: "no" }), result: { kind: "unauthorized" } },
  {
    when: "an error says why",
    client: answering(400, { error: "limit is not a number" }),
    result: { kind: "unexpected", reason: "limit is not a number" },
  },
  {
    when: "an error says nothing",
    client: answering(502, "<html>"),
    result: { kind: "unexpected", reason: "it answered with status 502" },
  },
  {
    when: "the answer is not JSON",
    client: answering(200, "hello"),
    result: { kind: "unexpected", reason: "its answer is not that of a cdx2 proxy" },
  },
  {
    when: "nothing listens",
    client: clientOver(() => Promise.reject(new SendError("not_sent", "connection refused"))),
    result: { kind: "unreachable", reason: "connection refused" },
  },
];

for (const { when, client, result } of RESULTS) {
  Deno.test(`debug() tells when ${when}`, async () => {
    assert.deepEqual(await client.debug(), result);
  });
}

Deno.test("debug() gives up after two seconds, also in the middle of an answer", async () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const sends: Send[] = [
    ({ signal }) => untilAborted(signal),
    ({ signal }) => {
      const body = new ReadableStream({
        start: (controller) => untilAborted(signal).catch(controller.error.bind(controller)),
      });
      return Promise.resolve(new Response(body));
    },
  ];
  for (const send of sends) {
    const clock = new FakeClock();
    const result = clientOver(send, clock).debug();
    await clock.advance(2_000);
    assert.deepEqual(await result, { kind: "unreachable", reason: "no answer within 2s" });
  }
});

Deno.test("trace() gives the proxy the time to wait on top of its own two seconds", async () => {
  const clock = new FakeClock();
  const never: Send = ({ signal }) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const result = clientOver(never, clock).trace({ after: 9, waitS: 10 });
  await clock.advance(12_000);
  assert.deepEqual(await result, { kind: "unreachable", reason: "no answer within 12s" });
});

Deno.test("an answer leaves no timer behind", async () => {
  const clock = new FakeClock();
  await clientOver(() => Promise.resolve(Response.json(aDebugView())), clock).debug();
  assert.equal(clock.pendingTimers, 0);
});

/** A client with a quicker way that answers `plain`, and what was asked on it and on the other. */
function quickClient(plain: PlainAnswer | undefined, baseUrl = BASE_URL) {
  const [quick, usual]: [PlainQuestion[], UpstreamRequest[]] = [[], []];
  const client = createManagementClient({
    send: (request) => {
      usual.push(request);
      return Promise.resolve(Response.json(aDebugView()));
    },
    plainGet: (question) => {
      quick.push(question);
      return Promise.resolve(plain);
    },
    clock: new FakeClock(),
    baseUrl,
    managementKey: new Secret("the-key"),
  });
  return { client, quick, usual };
}

const PLAIN_DEBUG = { status: 200, text: JSON.stringify(aDebugView()) };

Deno.test("a question that is answered at once goes the quicker way where there is one", async () => {
  const { client, quick, usual } = quickClient(PLAIN_DEBUG, "http://[::1]:8317");
  assert.deepEqual(await client.debug(), { kind: "answer", value: aDebugView() });
  const [{ hostname, port, authority, path, headers }] = quick as [PlainQuestion];
  assert.deepEqual({ hostname, port, authority, path, headers }, {
    hostname: "::1",
    port: 8317,
    authority: "[::1]:8317",
    path: "/debug",
    headers: { "x-management-key": "the-key" },
  });
  assert.equal(usual.length, 0);
});

Deno.test("a refusal on the quicker way counts, so that no wrong key is shown twice", async () => {
  const { client, usual } = quickClient({ status: 401, text: "{}" });
  assert.deepEqual(await client.debug(), { kind: "unauthorized" });
  assert.equal(usual.length, 0);
});

Deno.test("what the quicker way does not answer, the other does", async () => {
  const { client, quick, usual } = quickClient(undefined);
  assert.equal((await client.debug()).kind, "answer");
  assert.deepEqual([quick.length, usual.length], [1, 1]);
});

Deno.test("what changes something, and what waits, never goes the quicker way", async () => {
  const { client, quick } = quickClient(PLAIN_DEBUG);
  await client.shutdown();
  await client.reset({});
  await client.trace({ after: 9, waitS: 10 });
  assert.equal(quick.length, 0);
});
