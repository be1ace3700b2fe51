// State that lives at one account: who made it is found again, over turns, restarts and cooldowns. The upstream is an
// OpenAI API in which each of the keys a, b and c knows only what it made itself.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { AccountsApi } from "../support/accounts_api.ts";
import { json } from "../support/answers.ts";
import { Home, until } from "../support/program.ts";
import { type RunningProxy, startProxyWith } from "../support/running_proxy.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const KEYS = ["a", "b", "c"];
const TIMES = 20;

interface World extends RunningProxy {
  readonly api: AccountsApi;
}

async function aWorld(holdSeconds = "0"): Promise<World> {
  const proxy = await startProxyWith(KEYS, { env: { CLIPROXY_HOLD_SECONDS: holdSeconds }, basePath: "" });
  return { ...proxy, api: new AccountsApi(proxy.upstream) };
}

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly session?: string;
}

/** What a request gets, read to its end. */
interface Got {
  readonly status: number;
  readonly text: string;
  /** The first id in it. */
  readonly id: string;
}

async function ask(
  service: Service,
  path: string,
  { method = "POST", body, session }: Ask = {},
): Promise<Got> {
  const response = await fetch(service.baseUrl + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(session === undefined ? {} : { "session-id": session }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, id: /"id":"([^"]+)"/.exec(text)?.[1] ?? "" };
}

const GET = { method: "GET" };
const askFor = (body: unknown) => ({ body });

/** `[what is made, how, what is asked about it]` */
const THINGS: readonly [
  string,
  (service: Service) => Promise<Got>,
  (id: string) => readonly [string, Ask],
][] = [
  [
    "a response",
    (service) => ask(service, "/v1/responses", askFor({})),
    (id) => [`/v1/responses/${id}`, GET],
  ],
  [
    "a streamed response",
    (service) => ask(service, "/v1/responses", askFor({ stream: true })),
    (id) => ["/v1/responses", askFor({ previous_response_id: id, stream: true, store: false })],
  ],
  [
    "a response that is continued",
    (service) => ask(service, "/responses", askFor({})),
    (id) => ["/v1/responses", askFor({ input: "and?", previous_response_id: id })],
  ],
  [
    "a response that is cancelled",
    (service) => ask(service, "/v1/responses", askFor({ background: true })),
    (id) => [`/v1/responses/${id}/cancel`, {}],
  ],
  [
    "a response with items",
    (service) => ask(service, "/v1/responses", askFor({})),
    (id) => [`/v1/responses/${id}/input_items?limit=5`, GET],
  ],
  ["a file", (service) => ask(service, "/v1/files"), (id) => [`/v1/files/${id}/content`, GET]],
  [
    "a conversation",
    (service) => ask(service, "/v1/conversations", askFor({})),
    (id) => ["/v1/responses", askFor({ conversation: id })],
  ],
  [
    "a conversation with items",
    (service) => ask(service, "/v1/conversations", askFor({})),
    (id) => [`/v1/conversations/${id}/items`, askFor({ items: [] })],
  ],
  [
    "a vector store",
    (service) => ask(service, "/v1/vector_stores", askFor({})),
    (id) => [`/v1/vector_stores/${id}/search`, askFor({ query: "x" })],
  ],
  [
    "a file for a vector store",
    (service) => ask(service, "/v1/files"),
    (id) => ["/v1/vector_stores", askFor({ file_ids: [id] })],
  ],
  [
    "a batch",
    (service) => ask(service, "/v1/batches", askFor({})),
    (id) => [`/v1/batches/${id}`, GET],
  ],
];

Deno.test("what lives at one account is found at the first attempt, however often it is asked for", async () => {
  await using world = await aWorld();
  const { service, upstream, api } = world;
  for (const [what, make, use] of THINGS) {
    const { id } = await make(service);
    const maker = api.makerOf(id);
    const before = upstream.requests.length;
    for (let i = 0; i < TIMES; i++) {
      const { status, text } = await ask(service, ...use(id));
      assert.equal(status, 200, `${what}: ${text}`);
    }
    const tokens = upstream.requests.slice(before).map(({ token }) => token);
    assert.deepEqual(tokens, Array(TIMES).fill(maker), what);
  }
});

Deno.test("the file that a batch writes is found, too", async () => {
  await using world = await aWorld();
  const { service, upstream } = world;
  const file = await ask(service, "/v1/files");
  const batch = await ask(service, "/v1/batches", askFor({ input_file_id: file.id }));
  const { text } = await ask(service, `/v1/batches/${batch.id}`, GET);
  const output = JSON.parse(text).output_file_id;
  const before = upstream.requests.length;
  for (let i = 0; i < 3; i++) {
    assert.equal((await ask(service, `/v1/files/${output}/content`, GET)).status, 200);
  }
  assert.equal(upstream.requests.length, before + 3);
});

const ENDS: readonly [string, (world: World) => Promise<unknown>][] = [
  ["was stopped", ({ service }) => service.stop()],
  ["crashed", ({ service }) => service.crash()],
];

for (const [how, end] of ENDS) {
  Deno.test(`ids and sessions are known after the service ${how}`, async () => {
    await using world = await aWorld();
    const { home, service, upstream, api } = world;
    const made: string[] = [];
    for (let i = 0; i < 6; i++) made.push((await ask(service, "/v1/responses", askFor({}))).id);
    for (const session of KEYS) await ask(service, "/v1/responses", { body: { store: false }, session });
    const { sessionsFile } = runtimePaths(home.authDir);
    await until("all of it is in the sessions file", async () => {
      const saved = await savedIn(sessionsFile);
      return saved.ids === 6 && saved.sessions === 3;
    });
    await end(world);
    const next = await Service.start(home);
    const before = upstream.requests.length;
    for (let i = 0; i < TIMES; i++) {
      assert.equal((await ask(next, `/v1/responses/${made[i % 6]}`, GET)).status, 200);
    }
    const tokens = upstream.requests.slice(before).map(({ token }) => token);
    assert.deepEqual(tokens, Array.from({ length: TIMES }, (_, i) => api.makerOf(made[i % 6]!)));
    const sessionTokens = async () => {
      const from = upstream.requests.length;
      for (const session of KEYS) await ask(next, "/v1/responses", { body: { store: false }, session });
      return upstream.requests.slice(from).map(({ token }) => token);
    };
    // Sessions took turns when they began, and have stayed.
    assert.deepEqual(await sessionTokens(), await sessionTokens());
    assert.equal(new Set(await sessionTokens()).size, 3);
    const text = await Deno.readTextFile(sessionsFile);
    for (const name of [...made, '"a"', "token-"]) assert.ok(!text.includes(name), name);
    assert.equal((await Deno.stat(sessionsFile)).mode! & 0o777, 0o600);
  });
}

Deno.test("an id that is not known is asked for with each key once, and is known then", async () => {
  await using world = await aWorld();
  const { home, service, upstream, api } = world;
  const { id } = await ask(service, "/v1/files");
  await service.stop();
  await Deno.remove(runtimePaths(home.authDir).sessionsFile);
  const next = await Service.start(home);
  const countFor = async (path: string, expected: number) => {
    const before = upstream.requests.length;
    assert.equal((await ask(next, path, GET)).status, expected, path);
    return upstream.requests.length - before;
  };
  assert.ok(await countFor(`/v1/files/${id}`, 200) <= 3);
  for (let i = 0; i < 3; i++) assert.equal(await countFor(`/v1/files/${id}`, 200), 1);
  assert.equal(upstream.requests.at(-1)!.token, api.makerOf(id));
  assert.equal(await countFor("/v1/files/file-never", 404), 3);
  const accounts = await next.accounts();
  assert.deepEqual(accounts.map(({ status }) => status), ["OK", "OK", "OK"]);
});

Deno.test("a sessions file that cannot be used is set aside, said so, and the service runs", async () => {
  await using home = await Home.make({ CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY });
  const { sessionsFile } = runtimePaths(home.authDir);
  for (const damaged of ['{"$schema_version":1,"sess', '{"$schema_version":7}', "\0\0\0"]) {
    await Deno.writeTextFile(sessionsFile, damaged);
    const service = await Service.start(home);
    assert.equal(await Deno.readTextFile(`${sessionsFile}.set-aside`), damaged);
    assert.match(
      (await home.run(["logs"])).stdout,
      /WARN +state\.set_aside +the sessions file cannot be used/,
    );
    await service.stop();
  }
});

Deno.test("what a deleted key made is not found, and blames no other key", async () => {
  await using world = await aWorld();
  const { home, service, api } = world;
  const { id } = await ask(service, "/v1/responses", askFor({}));
  const maker = api.makerOf(id)!.replace("token-", "");
  await Deno.remove(`${home.authDir}/${maker}.json`);
  await until("the key is gone", async () => (await service.accounts()).length === 2);
  const { status, text } = await ask(service, "/v1/responses", askFor({ previous_response_id: id }));
  assert.equal(status, 400);
  assert.match(text, /previous_response_not_found/);
  assert.deepEqual((await service.accounts()).map((account) => account.status), ["OK", "OK"]);
});

/** Lets the maker of `id` meet a limit that resets after this many seconds. */
async function limitMaker(
  { service, upstream, api }: World,
  id: string,
  resetSeconds: number,
): Promise<void> {
  const error = { type: "usage_limit_reached", resets_in_seconds: resetSeconds };
  upstream.reply({ token: api.makerOf(id)!, path: "/v1/limited" }, json(429, { error }));
  for (let i = 0; i < KEYS.length; i++) await ask(service, "/v1/limited", GET);
}

Deno.test("what lives at a key that waits for its quota is answered with the time of that key", async () => {
  await using world = await aWorld();
  const { service, upstream } = world;
  const { id } = await ask(service, "/v1/responses", askFor({}));
  await limitMaker(world, id, 3600);
  const before = upstream.requests.length;
  const { status, text } = await ask(service, "/v1/responses", askFor({ previous_response_id: id }));
  assert.equal(status, 429);
  const { error } = JSON.parse(text);
  assert.equal(error.type, "usage_limit_reached");
  assert.ok(error.resets_in_seconds > 3500 && error.resets_in_seconds <= 3600);
  assert.match(error.message, /lives at one account/);
  assert.equal(upstream.requests.length, before, "nobody else was asked");
  assert.equal(
    (await ask(service, "/v1/responses", askFor({}))).status,
    200,
    "others serve what names nothing",
  );
});

Deno.test("what lives at a key that is back in a moment is waited for", async () => {
  await using world = await aWorld("20");
  const { service, upstream, api } = world;
  const { id } = await ask(service, "/v1/responses", askFor({}));
  await limitMaker(world, id, 2);
  const { status } = await ask(service, "/v1/responses", askFor({ previous_response_id: id }));
  assert.equal(status, 200);
  assert.equal(upstream.requests.at(-1)!.token, api.makerOf(id));
});

Deno.test("a session follows what it names to the key of that, and stays there", async () => {
  await using world = await aWorld();
  const { service, upstream, api } = world;
  const made: string[] = [];
  for (let i = 0; i < 3; i++) made.push((await ask(service, "/v1/responses", askFor({}))).id);
  for (const id of made) {
    await ask(service, "/v1/responses", { body: { previous_response_id: id }, session: "s" });
    await ask(service, "/v1/responses", { body: {}, session: "s" });
    assert.deepEqual(upstream.requests.slice(-2).map(({ token }) => token), [
      api.makerOf(id),
      api.makerOf(id),
    ]);
  }
});

/** A body with what an account has encrypted. */
function withEncrypted(token: string, stream: boolean) {
  const reasoning = { type: "reasoning", encrypted_content: `for ${token}` };
  return { model: "m", input: [reasoning], stream, store: false };
}

for (const stream of [false, true]) {
  Deno.test(`a session returns to the key that can read what it sends (${stream ? "stream" : "JSON"}), also after a restart`, async () => {
    await using world = await aWorld();
    const { home, service, upstream } = world;
    const session = "s";
    await ask(service, "/v1/responses", { body: withEncrypted("", stream), session });
    await ask(service, "/v1/responses", { body: { store: false }, session });
    const first = upstream.requests.at(-1)!.token!;
    await limitKeyOf(world, session);
    await ask(service, "/v1/responses", { body: { store: false }, session });
    const second = upstream.requests.at(-1)!.token!;
    assert.notEqual(second, first);
    await service.manage("/reset", "POST");
    const { sessionsFile } = runtimePaths(home.authDir);
    await until("the session is saved", async () => (await savedIn(sessionsFile)).sessions === 1);
    await service.stop();

    const next = await Service.start(home);
    const before = upstream.requests.length;
    const { status, text } = await ask(next, "/v1/responses", {
      body: withEncrypted(first, stream),
      session,
    });
    assert.equal(status, 200, text);
    assert.ok(!text.includes("invalid_encrypted_content"));
    assert.deepEqual(upstream.requests.slice(before).map(({ token }) => token), [second, first]);
    // Nobody can read this: the client gets what the upstream says, and the session stays.
    const unreadable = await ask(next, "/v1/responses", { body: withEncrypted("nobody", stream), session });
    assert.match(unreadable.text, /invalid_encrypted_content/);
    assert.equal(upstream.requests.length, before + 2 + 3);
    await ask(next, "/v1/responses", { body: { store: false }, session });
    assert.equal(upstream.requests.at(-1)!.token, first);
  });
}

/** Lets the key of a session meet a quota, with a request of that session. */
async function limitKeyOf({ service, upstream }: World, session: string): Promise<void> {
  const token = upstream.requests.at(-1)!.token!;
  const error = { type: "usage_limit_reached", resets_in_seconds: 3600 };
  upstream.reply({ token, path: "/v1/limited" }, json(429, { error }));
  await ask(service, "/v1/limited", { method: "GET", session });
}

async function savedIn(sessionsFile: string): Promise<{ readonly sessions: number; readonly ids: number }> {
  const text = await Deno.readTextFile(sessionsFile).catch(() => '{"sessions":[],"ids":[]}');
  const { sessions, ids } = JSON.parse(text);
  return { sessions: sessions.length, ids: ids.length };
}
