// Two proxies with the same keys and a Redis server between them. What one finds out, the other knows; and whatever becomes
// of the server, every request is answered. Where there is no redis-server, this is skipped.

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { cutClients, REFUSALS } from "../support/engine_faults.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { testWith } from "../support/installed.ts";
import { startIssuer } from "../support/issuer.ts";
import { downsOf, homeOf, POOL_SECRET } from "../support/pool_home.ts";
import { Home, until } from "../support/program.ts";
import { RedisServer } from "../support/redis_server.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const REFUSED = json(401, { error: { code: "token_invalidated" } });

/** A proxy on a machine of this name. */
async function aMember(name: string, upstream: string, engine: RedisServer) {
  const home = await homeOf({ name, upstream, engine, keys: ["a", "b", "c", "d"] });
  const service = await Service.start(home);
  const shared = async () => (await (await service.manage("/debug")).json()).shared;
  const states = async () =>
    Object.fromEntries((await service.accounts()).map(({ file, status }) => [file, status]));
  const isUp = (members: number) =>
    until(`${name} is up`, async () => {
      const { state, members: there } = await shared();
      return state === "up" && there.length === members;
    });
  return { home, service, shared, states, isUp, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

/** A model request that is answered. */
async function post(
  { service }: Awaited<ReturnType<typeof aMember>>,
  headers: Record<string, string>,
  body: Record<string, string>,
) {
  const answer = await fetch(`${service.baseUrl}/v1/responses`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
}

testWith(
  "redis-server",
  "members of a shared pool know together, and act alone while the engine is away",
  async () => {
    await using engine = new RedisServer();
    await using upstream = await startFakeUpstream();
    upstream.reply({}, json(200, { id: "resp_1" }));
    upstream.forToken("token-a", REFUSED);
    // Without the engine a start is as ever.
    await using one = await aMember("build-1", upstream.url, engine);
    // Which key a member begins with is its own.
    for (let count = 0; count < 4; count++) assert.equal(await one.service.askForStatus(), 200);
    assert.equal((await one.shared()).state, "degraded");
    await engine.start();
    await one.isUp(1);
    await using two = await aMember("build-2", upstream.url, engine);
    await two.isUp(2);
    // The first member has found a; the second has never asked it.
    await until("build-2 knows", async () => (await two.states())["a.json"] === "BLACKLIST");
    const refused = () => "ab".split("").map((key) => upstream.requestsOf(`token-${key}`).length);
    assert.equal(refused()[0], 1);
    upstream.forToken("token-b", REFUSED);
    const before = refused()[1]!;
    for (let count = 0; count < 8; count++) assert.equal(await two.service.askForStatus(), 200);
    await until("build-1 knows", async () => (await one.states())["b.json"] === "BLACKLIST");
    assert.deepEqual(refused(), [1, before + 1]);

    // The first request of a session, or with a response, finds the key that another member served it with. A new one for each
    // look: a busy machine may take longer than the 30 ms that a request waits.
    let count = 0;
    const isFound = async (kind: "session" | "owner") => {
      const [session, id] = [`session-${++count}`, `resp_${count}`];
      upstream.reply({}, json(200, { id }));
      await post(one, { "x-cdx2-key": "d.json", "session-id": session }, {});
      const notes = async () => (await engine.cli("KEYS", "{cdx2}:note:*")).split(":note:").length - 1;
      await until("build-1 has told it", async () => await notes() >= 2 * count);
      if (kind === "session") await post(two, { "session-id": session }, {});
      else await post(two, {}, { previous_response_id: id });
      const { auth_file, picked } = (await two.service.attempts()).at(-1)!;
      return auth_file === "d.json" && picked === kind;
    };
    await until("a session is found on its key", () => isFound("session"));
    await until("a response is found with its key", () => isFound("owner"));

    // What both have used, as each of them tells it.
    const requests = async (by: string) => {
      const { stdout } = await two.home.run(["usage", "--pool", "--by", by, "--json"]);
      const { rows } = JSON.parse(stdout) as { rows: { name: string; requests: number }[] };
      return new Map(rows.map(({ name, requests }) => [name, requests]));
    };
    const answeredBy = async (member: typeof one) =>
      (await member.service.attempts()).filter(({ outcome }) => outcome === "ok").length;
    const answered = [["build-1", await answeredBy(one)], ["build-2", await answeredBy(two)]] as const;
    await until("both have told what they used", async () => {
      const told = await requests("member");
      return answered.every(([name, count]) => told.get(name) === count);
    });
    assert.ok([...(await requests("key")).keys()].every((name) => /^[a-d]\.json$/.test(name)));

    const { stdout, code } = await two.home.run(["pool"]);
    assert.equal(code, 0);
    assert.match(stdout, /up, 2 members/);
    assert.match(stdout, /build-2 \(here\)/);
    assert.match(stdout, /a\.json: found by build-1/);
    assert.match(stdout, /^used today: \d+ requests, \d+ tokens/m);
    // Nothing that anybody could use goes over the wire, nor does the secret go into what the proxy says of itself.
    const names = (await engine.cli("KEYS", "{cdx2}:note:*")).match(/\{cdx2\}:note:\S+/g)!;
    const texts = await Promise.all(names.map((name) => engine.cli("HGETALL", name)));
    const days = (await engine.cli("KEYS", "{cdx2}:usage:*")).match(/\{cdx2\}:usage:\S+/g)!;
    const used = await Promise.all(days.map((name) => engine.cli("HGETALL", name)));
    const wire = await engine.cli("HGETALL", "{cdx2}:records") + names + texts + used;
    assert.ok(wire.length > 500);
    for (
      const hidden of [
        "token",
        "a.json",
        "c.json",
        "session-",
        "resp_",
        "build-",
        "BLACKLIST",
        "blacklist",
        POOL_SECRET,
      ]
    ) {
      assert.ok(!wire.includes(hidden), hidden);
    }
    const said = (await two.home.run(["status", "--json"])).stdout +
      await (await two.service.manage("/metrics")).text();
    assert.ok(!said.includes(POOL_SECRET) && !said.includes("engine-password"));
    assert.match(said, /cdx2_shared_up 1/);

    const answersAll = async () => {
      for (let count = 0; count < 10; count++) assert.equal(await one.service.askForStatus(), 200);
    };
    for (const { name, begin, end, reason } of REFUSALS) {
      await begin(engine);
      // What comes next is refused at the latest when members say that they are there again.
      await cutClients(engine);
      await until(`it is seen: ${name}`, async () => reason!.test((await one.shared()).reason ?? ""));
      await answersAll();
      await end(engine);
      await one.isUp(2);
    }
    await engine.cli("FLUSHALL");
    await cutClients(engine);
    await answersAll();
    await one.isUp(2);
    await engine.signal("SIGSTOP");
    await answersAll();
    // The first reason may be that the connection was cut before.
    await until("it is noticed", async () => {
      const { state, reason } = await one.shared();
      return state === "degraded" && /no answer within 1s/.test(reason ?? "");
    });
    const status = await one.home.run(["status"]);
    assert.equal(status.code, 0);
    assert.match(status.stdout, /shared .*degraded .*no answer within 1s.*acts alone/);
    await engine.signal("SIGCONT");
    await engine.signal("SIGKILL");
    await answersAll();
    assert.equal((await one.service.manage("/reset?name=a.json", "POST")).status, 200);
    await engine.start();
    await Promise.all([one.isUp(2), two.isUp(2)]);
    const sameStates = async () => JSON.stringify(await one.states()) === JSON.stringify(await two.states());
    await until("both know the same", sameStates, 5000);
    assert.equal((await two.states())["b.json"], "BLACKLIST");
    const downs = await downsOf(one.home);
    assert.ok(downs >= 1 + REFUSALS.length && downs <= 4 + REFUSALS.length, `${downs} lines`);
  },
);

testWith(
  "redis-server",
  "of three machines with copies of one login, one renews it, and all have its token",
  async () => {
    await using engine = new RedisServer();
    await engine.start();
    await using issuer = await startIssuer();
    const family = issuer.mint({ ttlS: 36_000 });
    const first = family.current;
    const text = issuer.authFile(family);
    const aMachine = async (name: string) => {
      const home = await Home.make({
        CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
        CLIPROXY_ISSUER: issuer.url,
        CLIPROXY_UPSTREAM: issuer.upstreamUrl,
        CLIPROXY_SHARED: engine.url,
        CLIPROXY_SHARED_SECRET: POOL_SECRET,
        CLIPROXY_MEMBER: name,
        CLIPROXY_POOL_HOME: "on",
      });
      await Deno.writeTextFile(`${home.authDir}/work.json`, text, { mode: 0o600 });
      return { home, service: await Service.start(home) };
    };
    const one = await aMachine("one");
    await using _one = one.home;
    const two = await aMachine("two");
    await using _two = two.home;
    const three = await aMachine("three");
    await using _three = three.home;
    await until("one is the home", async () => (await one.home.run(["pool", "home", "work"])).code === 0);
    for (const { home } of [two, three]) {
      await until(
        "the others know",
        async () => (await home.run(["pool"])).stdout.includes("renewed by one"),
      );
      const { code, stderr } = await home.run(["auth", "refresh", "work"]);
      assert.equal(code, 1);
      assert.match(stderr, /one renews its login for the shared pool/);
    }
    // The upstream refuses the token: the member that meets that has the home renew it.
    issuer.expire(family);
    for (const { service } of [three, two, one]) assert.equal(await service.askForStatus(), 200);
    assert.equal(issuer.requestsOf("/oauth/token").length, 1);
    assert.equal(await Deno.readTextFile(`${two.home.authDir}/work.json`), text, "in memory only");
    const { stderr } = await two.home.run(["pool", "home", "work"]);
    assert.match(stderr, /the refresh token here is used up/);
    assert.deepEqual([issuer.reuses, family.isRevoked, family.refreshes], [0, false, 1]);

    const said = [await engine.cli("HGETALL", "{cdx2}:records")];
    for (const { home } of [one, two, three]) {
      said.push((await home.run(["pool", "--json"])).stdout, (await home.run(["doctor"])).stdout);
      for (const entry of Deno.readDirSync(home.authDir)) {
        if (entry.name !== "work.json") said.push(await Deno.readTextFile(`${home.authDir}/${entry.name}`));
      }
    }
    assert.ok(said[0]!.length > 500);
    const tokens = [first, family.current].flatMap((pair) => [pair.access_token, pair.refresh_token]);
    for (const token of [...tokens, POOL_SECRET]) assert.ok(!said.join("\n").includes(token));
    for (const hidden of [family.email, family.account, "authsess", "work.json"]) {
      assert.ok(!said[0]!.includes(hidden), hidden);
    }
  },
);
