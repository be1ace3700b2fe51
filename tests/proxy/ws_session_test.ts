import assert from "node:assert/strict";
import { nameHash } from "../../src/auth/name_hash.ts";
import { maxBufferedBytes } from "../../src/proxy/ws_relay.ts";
import { aVerdict, limitedUntil } from "../support/builders.ts";
import { aWsRelay } from "../support/fake_ws.ts";

const created = { type: "response.created", response: { id: "r1" } };
const delta = { type: "response.output_text.delta", delta: "x" };
const completed = { type: "response.completed", response: { id: "r1" } };
const quota = { type: "error", status: 429, error: { type: "usage_limit_reached" } };

Deno.test("a session holds back what shows nothing, for two seconds at most", async () => {
  const { open, sockets, clock } = aWsRelay(["a"]);
  const client = await open();
  client.call();
  sockets[0]!.say(created);
  await clock.advance(1999);
  assert.deepEqual(client.types, []);
  await clock.advance(1);
  assert.deepEqual(client.types, [created.type]);
  sockets[0]!.say({ type: "response.in_progress" }, delta);
  assert.deepEqual(client.types, [created.type, "response.in_progress", delta.type]);
});

Deno.test("a session holds nothing more of an answer after two seconds, and of the next one again", async () => {
  const { open, sockets, clock } = aWsRelay(["a"]);
  const client = await open();
  client.call();
  sockets[0]!.say(created);
  await clock.advance(2000);
  sockets[0]!.say({ type: "response.in_progress" });
  assert.deepEqual(client.types, [created.type, "response.in_progress"]);
  sockets[0]!.say(completed);
  client.call();
  sockets[0]!.say(created);
  assert.deepEqual(client.types.length, 3);
  await clock.advance(2000);
  assert.deepEqual(client.types.length, 4);
});

Deno.test("a session takes 64 MiB at most while the next key is dialled", async () => {
  const { open, sockets } = aWsRelay(["a", "b"], { b: "hang" });
  const client = await open();
  client.call();
  sockets[0]!.say(quota);
  const large = "x".repeat(15 * 2 ** 20);
  for (let count = 0; count < 4; count++) client.listener.onText(large);
  assert.equal(client.closeCode, undefined);
  client.listener.onText(large);
  assert.equal(client.closeCode, 1011);
});

Deno.test("a session moves a call with what was held back of it, and names all of its attempts one request", async () => {
  const { open, sockets, clock, rows, trace, relay } = aWsRelay(["a", "b", "c"], {
    b: Response.json({ error: { code: "token_revoked" } }, { status: 401 }),
  });
  const client = await open();
  client.call();
  sockets[0]!.say(created, quota);
  await clock.advance(0);
  assert.deepEqual(sockets.map(({ name, closeCode }) => [name, closeCode]), [["a", 1000], ["c", undefined]]);
  assert.deepEqual(sockets[1]!.sent, sockets[0]!.sent);
  sockets[1]!.say(created, delta, completed);
  assert.deepEqual(client.types, [created.type, delta.type, completed.type]);
  assert.deepEqual(trace(), ["1 a 429 rate_limited", "2 b 401 auth_rejected", "3 c 200 ok"]);
  assert.deepEqual(new Set(rows().map(({ request_id }) => request_id)), new Set(["req_1.1"]));
  assert.deepEqual(relay.figures, { open: 1, replays: 1, resends: 0 });
});

Deno.test("a session keeps what the client sends while the next key is dialled", async () => {
  const { open, sockets, clock } = aWsRelay(["a", "b"]);
  const client = await open();
  client.call();
  sockets[0]!.say(quota);
  client.listener.onText('{"type":"response.cancel"}');
  await clock.advance(0);
  assert.deepEqual(sockets[1]!.sent.at(-1), '{"type":"response.cancel"}');
  assert.equal(sockets[0]!.sent.length, 1);
});

Deno.test("a client that leaves while the next key is dialled leaves no connection behind", async () => {
  const { open, sockets, clock, relay } = aWsRelay(["a", "b"], { b: "hang" });
  const client = await open();
  client.call();
  sockets[0]!.say(quota);
  await clock.advance(0);
  client.listener.onEnd();
  await clock.advance(0);
  assert.equal(relay.figures.open, 0);
  assert(sockets.every(({ closeCode }) => closeCode === 1000));
});

Deno.test("a session whose call finds no other key says so, with what HTTP would say", async () => {
  const used = Response.json({ error: { type: "usage_limit_reached" } }, { status: 429 });
  const { open, sockets, clock } = aWsRelay(["a", "b"], { b: used });
  const client = await open();
  client.call();
  sockets[0]!.say(quota);
  await clock.advance(0);
  const [{ status, error }] = client.events;
  assert.deepEqual([status, error.type, client.closeCode], [429, "usage_limit_reached", 1012]);
});

const refusals: readonly (readonly [what: string, event: object, asked: string, seen: readonly string[]])[] =
  [
    [
      "refuses the model, the next key is asked",
      {
        status: 400,
        error: { message: "The 'm' model is not supported when using Codex with a ChatGPT account." },
      },
      "ab",
      [completed.type],
    ],
    [
      "is overloaded, one other key is asked",
      { status: 503, error: { code: "server_is_overloaded" } },
      "ab",
      [completed.type],
    ],
    [
      "has lost the account, the next key is asked",
      { status: 402, error: { code: "deactivated_workspace" } },
      "ab",
      [completed.type],
    ],
    ["finds the call not valid, the client is told", { status: 400, error: { code: "invalid_value" } }, "a", [
      "error",
    ]],
    ["fails, the client is told", { status: 500, error: { code: "server_error" } }, "a", ["error"]],
  ];

for (const [what, event, asked, seen] of refusals) {
  Deno.test(`where the upstream ${what}`, async () => {
    const { open, sockets, clock } = aWsRelay(["a", "b", "c"]);
    const client = await open();
    client.call();
    sockets[0]!.say(created, { type: "error", ...event });
    await clock.advance(0);
    sockets[1]?.say(completed);
    assert.equal(sockets.map(({ name }) => name).join(""), asked);
    assert.deepEqual(client.types.filter((type) => type !== created.type), seen);
  });
}

Deno.test("an overload is tried with one other key, then the client is told", async () => {
  const { open, sockets, clock } = aWsRelay(["a", "b", "c"]);
  const client = await open();
  client.call();
  const overloaded = { type: "error", status: 503, error: { code: "server_is_overloaded" } };
  sockets[0]!.say(overloaded);
  await clock.advance(0);
  sockets[1]!.say(overloaded);
  await clock.advance(0);
  assert.equal(sockets.length, 2);
  assert.deepEqual(client.events, [overloaded]);
});

for (const [previous, sent] of [[{}, 1], [{ previous_response_id: "r0" }, 0]] as const) {
  Deno.test(`what another account encrypted goes back to the key that made it, ${sent ? "unseen" : "sent in full"}`, async () => {
    const { open, sockets, pool, clock } = aWsRelay(["a", "b"]);
    const first = await open();
    first.call();
    sockets[0]!.say(completed);
    const lease = { record: pool.records[0]!, startedMs: clock.nowMs() };
    pool.apply(lease, aVerdict(limitedUntil(clock.nowMs() + 1000), clock.nowMs()));
    await clock.advance(0);
    const client = await open();
    await clock.advance(2000);
    client.call(previous);
    const encrypted = { type: "error", status: 400, error: { code: "invalid_encrypted_content" } };
    sockets[1]!.say(encrypted);
    await clock.advance(0);
    assert.equal(sockets.map(({ name }) => name).join(""), sent ? "aba" : "ab");
    const told = client.events.map(({ error }) => error.code);
    assert.deepEqual(told, sent ? [] : ["previous_response_not_found"]);
    if (sent === 0) {
      const again = await open();
      again.call();
      sockets.at(-1)!.say(encrypted);
      await clock.advance(0);
    }
    assert.equal(sockets.at(-1)!.name, "a");
    assert.equal(sockets.at(-1)!.sent.length, 1);
  });
}

Deno.test("a session ends after 55 minutes, between calls", async () => {
  const { open, sockets, clock } = aWsRelay(["a"]);
  const [idle, busy] = [await open(), await open()];
  busy.call();
  await clock.advance(55 * 60_000);
  assert.deepEqual([idle.closeCode, busy.closeCode], [1012, undefined]);
  sockets[1]!.say(completed);
  assert.equal(busy.closeCode, 1012);
});

Deno.test("a session ends when one side lets too much wait", async () => {
  const { open, sockets } = aWsRelay(["a"]);
  const slow = await open();
  slow.call();
  slow.bufferedBytes = 65 * 2 ** 20;
  sockets[0]!.say(delta);
  assert.equal(slow.closeCode, 1011);
  const eager = await open();
  sockets[1]!.bufferedBytes = 65 * 2 ** 20;
  eager.call();
  assert.equal(eager.closeCode, 1011);
});

Deno.test("many sessions share what may wait for their sides", async () => {
  const rows = [[0, 64], [1, 64], [8, 64], [16, 32], [200, 2.56], [512, 1], [100_000, 1]] as const;
  for (const [sessions, mebibytes] of rows) assert.equal(maxBufferedBytes(sessions), mebibytes * 2 ** 20);
  const { open, sockets } = aWsRelay(["a"]);
  const slow = await open();
  for (let others = 0; others < 15; others++) await open();
  slow.call();
  slow.bufferedBytes = 31 * 2 ** 20;
  sockets[0]!.say(delta);
  assert.equal(slow.closeCode, undefined);
  slow.bufferedBytes = 33 * 2 ** 20;
  sockets[0]!.say(delta);
  assert.equal(slow.closeCode, 1011);
});

Deno.test("a session learns usage windows from events, and who serves a session", async () => {
  const { open, sockets, pool, clock } = aWsRelay(["a", "b"]);
  const client = await open();
  client.call();
  const primary = { used_percent: 70, window_minutes: 300 };
  sockets[0]!.say({ type: "codex.rate_limits", rate_limits: { primary } }, delta, completed);
  const [a] = pool.describe(clock.nowMs());
  assert.deepEqual(a!.windows.map(({ usedPercent }) => usedPercent), [70]);
  await open();
  assert.equal(sockets[1]!.name, "a");
});

Deno.test("a session learns the credits of its key from events, accepted handshakes and refused calls", async () => {
  const { open, sockets, pool, clock, acceptHeaders } = aWsRelay(["a", "b"]);
  const balance = () => pool.describe(clock.nowMs())[0]!.credits.credits?.balance;
  const headersWith = (amount: string) => ({
    "x-codex-credits-has-credits": "True",
    "x-codex-credits-unlimited": "False",
    "x-codex-credits-balance": amount,
  });
  for (const [name, value] of Object.entries(headersWith("7"))) acceptHeaders.set(name, value);
  const client = await open();
  assert.equal(balance(), "7");
  client.call();
  sockets[0]!.say({
    type: "codex.rate_limits",
    credits: { has_credits: true, unlimited: false, balance: "5" },
  });
  assert.equal(balance(), "5");
  sockets[0]!.say({ ...quota, headers: headersWith("0") });
  assert.equal(balance(), "0");
});

const kept = { type: "response.created", response: { id: "resp_kept1", store: true } };
const GIVEN: readonly (readonly [what: string, events: readonly unknown[], ids: readonly string[]])[] = [
  ["an answer that has begun", [kept], ["resp_kept1"]],
  ["an answer that is complete", [{ ...kept, type: "response.completed" }], ["resp_kept1"]],
  ["an answer that is not whole", [{ ...kept, type: "response.incomplete" }], ["resp_kept1"]],
  ["an answer in a conversation", [
    { type: "response.completed", response: { id: "resp_1", conversation: { id: "conv_1" } } },
  ], ["resp_1", "conv_1"]],
  ["an answer that is not kept", [
    { type: "response.created", response: { id: "resp_kept1", store: false } },
    { type: "response.completed", response: { id: "resp_kept1", store: false } },
  ], []],
  ["a piece of an answer", [delta], []],
];

for (const [what, events, ids] of GIVEN) {
  Deno.test(`a session remembers the ids that ${what} gives out: ${ids.join(", ") || "none"}`, async () => {
    const { open, sockets, pool, clock } = aWsRelay(["a", "b"]);
    const client = await open();
    client.call();
    sockets[0]!.say(...events);
    const owners = ["resp_kept1", "resp_1", "conv_1"].filter((id) =>
      pool.ownerOf([nameHash("id", id)], clock.nowMs()) === "a.json"
    );
    assert.deepEqual(new Set(owners), new Set(ids));
  });
}

Deno.test("a session judges what the upstream says while nothing is under way", async () => {
  const { open, sockets, pool, clock } = aWsRelay(["a", "b"]);
  const client = await open();
  sockets[0]!.say({ type: "error", status: 401, error: { code: "token_revoked" } });
  assert.deepEqual([client.closeCode, client.types], [1012, []]);
  assert.equal(pool.describe(clock.nowMs())[0]!.standing, "blacklist");
});

Deno.test("a session asks a thread whose messages are too large to use HTTP", async () => {
  const { open, ask, sockets } = aWsRelay(["a"]);
  const client = await open();
  // Two bytes for each character.
  client.listener.onText("ü".repeat(8 * 2 ** 20));
  assert.deepEqual([client.closeCode, sockets[0]!.sent], [1009, []]);
  assert.equal((await ask()).status, 426);
  const other = new Headers({ "session-id": "s", "thread-id": "t2" });
  assert.equal((await ask({ headers: other })).status, 200);
});

Deno.test("a session records what a call cost", async () => {
  const { open, sockets, rows } = aWsRelay(["a"]);
  const client = await open();
  client.call();
  const usage = { input_tokens: 100, input_tokens_details: { cached_tokens: 40 }, output_tokens: 5 };
  sockets[0]!.say({ type: "response.completed", response: { id: "r", usage } });
  const [row] = rows();
  assert.deepEqual([row!.input_tokens, row!.cached_tokens, row!.output_tokens], [100, 40, 5]);
});

Deno.test("a session keeps to the key that its handshake was pinned to", async () => {
  const { ask, clients, sockets, rows, trace } = aWsRelay(["a", "b"]);
  const headers = new Headers({ originator: "codex_exec", "x-cdx2-key": "b" });
  await ask({ headers });
  const client = clients[0]!;
  client.listener.onOpen();
  client.call();
  sockets[0]!.say({ type: "response.completed", response: { id: "r" } });
  client.call();
  sockets[0]!.say(quota);
  assert.deepEqual(trace(), ["1 b 200 ok", "1 b 429 rate_limited"]);
  assert.deepEqual(rows().map(({ picked }) => picked), ["pinned", "pinned"]);
  assert.deepEqual([client.types, client.closeCode], [["response.completed", "error"], 1012]);
  assert.equal(sockets.length, 1);
});
