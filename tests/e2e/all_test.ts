// `cdx2 all` as a process, against a backend that answers well, slowly, oddly or not at all.

import { OUTPUTS } from "../../scripts/docs/json_outputs.ts";
import assert from "node:assert/strict";
import * as z from "zod/mini";
import { readEnvFile } from "../../src/config/env_text.ts";
import { FIVE_HOURS_S, WEEK_S } from "../../src/auth/usage.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { plainGet } from "../../src/system/plain_get.ts";
import { type Answer, delay, hang, json, reset, text, usageBody } from "../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { DEADLINE_MS, Home, until } from "../support/program.ts";

function used(fiveHour: number, weekly: number): Answer {
  const body = usageBody(
    { usedPercent: fiveHour, resetAfterSeconds: 3600 },
    { usedPercent: weekly, resetAfterSeconds: 90_000 },
  );
  return json(200, body);
}

function limits(rateLimit: unknown): Answer {
  return json(200, { plan_type: "plus", rate_limit: rateLimit });
}

/** Keys whose tokens are their names, and what each is answered. */
async function pool(upstream: FakeUpstream, answers: Readonly<Record<string, Answer>>): Promise<Home> {
  const home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
  for (const [name, answer] of Object.entries(answers)) {
    await home.addKey(`${name}.json`, `token-of-${name}`);
    upstream.reply({ token: `token-of-${name}`, path: "/backend-api/wham/usage" }, answer);
  }
  return home;
}

Deno.test("all shows one key, and has said who asks", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await pool(upstream, { work: used(40, 10) });
  const { code, stdout, stderr } = await home.run(["all"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Global left: 75% {2}▰▰▰▰▰▰▰▰▱▱\n\n║ Key {4}work.json 🟢 plus\n/);
  const [request] = upstream.requests;
  assert.match(request?.headers.get("user-agent") ?? "", /^cdx2\/\d/);
});

Deno.test("all marks the key that the running proxy used last", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await pool(upstream, { best: used(0, 0), home: used(50, 0), work: used(80, 0) });
  upstream.reply({ path: "/backend-api/codex/models" }, json(200, { models: [] }));
  const { base_url } = JSON.parse((await home.run(["proxy", "--json"])).stdout);
  await (await fetch(`${base_url}/backend-api/codex/models`)).body?.cancel();
  const chosen = upstream.requests.find(({ path }) => path.includes("/models"))?.token;

  const { stdout } = await home.run(["all", "--json"]);
  const current = z.parse(OUTPUTS.all.schema(z), JSON.parse(stdout)).accounts.filter((account) =>
    account.current
  );
  assert.deepEqual(current.map(({ file }) => `token-of-${file}`), [`${chosen}.json`]);
});

/** `[answer, status, error]` */
const ODD_KEYS: Record<string, [Answer, string, string | null]> = {
  weekly_first: [
    limits({
      primary_window: { used_percent: "12", limit_window_seconds: WEEK_S, reset_after_seconds: 60 },
      secondary_window: null,
    }),
    "OK",
    null,
  ],
  no_windows: [limits({ allowed: true, primary_window: null, secondary_window: null }), "UNKNOWN", null],
  no_limit: [limits(null), "UNKNOWN", null],
  half_a_window: [limits({ primary_window: { limit_window_seconds: FIVE_HOURS_S } }), "UNKNOWN", null],
  too_much: [
    limits({ primary_window: { used_percent: 130, limit_window_seconds: FIVE_HOURS_S } }),
    "COOLDOWN",
    null,
  ],
  reached: [limits({ limit_reached: true }), "COOLDOWN", null],
  slow: [delay(800, used(75, 0)), "WARN", null],
  silent: [hang(), "UNKNOWN", "no answer within 4s"],
  rejected: [json(401, { error: "token-of-rejected" }), "UNKNOWN", "token rejected (401)"],
  challenged: [text(403, "<html>"), "UNKNOWN", "blocked by a page for browsers (403)"],
  html: [text(200, "<html>"), "UNKNOWN", "the answer is not JSON"],
  other_json: [json(200, { detail: "moved" }), "UNKNOWN", "the answer says nothing about usage"],
  failing: [json(500, {}), "UNKNOWN", "upstream failed (500)"],
};

Deno.test("all asks 40 keys at once, takes odd answers as they are, and says what is wrong with the rest", async () => {
  await using upstream = await startFakeUpstream();
  const names = Array.from({ length: 40 - Object.keys(ODD_KEYS).length }, (_, index) => `key${index}`);
  const odd = Object.entries(ODD_KEYS).map(([name, [answer]]) => [name, answer] as const);
  const good = names.map((name, index) => [name, delay(300, used(index, 0))] as const);
  await using home = await pool(upstream, Object.fromEntries([...odd, ...good]));

  const { code, stdout } = await home.run(["all", "--json", "--timeout", "4"]);
  assert.ok(upstream.mostAtOnce > 5, `${upstream.mostAtOnce} keys were asked at once`);
  const { aggregate, accounts } = z.parse(OUTPUTS.all.schema(z), JSON.parse(stdout));
  assert.deepEqual([code, aggregate.total], [0, 40]);
  for (const [name, [, status, error]] of Object.entries(ODD_KEYS)) {
    const account = accounts.find(({ file }) => file === `${name}.json`);
    assert.deepEqual([account?.status, account?.error], [status, error], name);
  }
  assert.doesNotMatch(stdout, /token-of-/);

  const { stdout: cards } = await home.run(["all", "--timeout", "4"]);
  assert.equal(cards.match(/^[║│] Key/gm)?.length, 40);
  assert.match(cards, /Error {2}no answer within 4s/);
});

Deno.test("all says of each key why it could not be asked, and ends with 1 when that is all there is", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await pool(upstream, { a: reset(), b: json(401, {}) });
  const { code, stdout } = await home.run(["all", "--plain"]);
  assert.equal(code, 1);
  assert.match(stdout, /a\.json: UNKNOWN, current\n.*\n {2}Error: broken off: /);
  assert.match(stdout, /b\.json: UNKNOWN\n.*\n {2}Error: token rejected \(401\)/);

  await upstream.close();
  const unreachable = await home.run(["all", "--plain"]);
  assert.equal(unreachable.stdout.match(/Error: not reachable: connection refused/g)?.length, 2);
});

for (const [what, args] of [["waits", ["all"]], ["watches", ["all", "--watch"]]] as const) {
  Deno.test(`all ends with 130 when it is interrupted while it ${what}`, async () => {
    await using upstream = await startFakeUpstream();
    await using home = await pool(upstream, { a: what === "waits" ? hang() : used(0, 0) });
    const running = home.start(args);
    await upstream.untilRequested(1);
    if (what === "watches") await until("it has drawn", () => running.stdout.includes("╚"));
    running.signal("SIGINT");
    assert.equal((await running.finished).code, 130);
  });
}

Deno.test("all --line is the same with and without more options, and one request of the plainest kind has its answer", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await pool(upstream, { work: used(40, 10), spare: used(0, 0) });
  const started = await home.run(["proxy", "--json"]);
  const { host, port } = JSON.parse(started.stdout);
  const [quick, usual] = [
    await home.run(["all", "--line"]),
    await home.run(["all", "--line", "--no-color"]),
  ];
  assert.deepEqual([quick.code, quick.stderr], [0, ""]);
  assert.match(quick.stdout, /^5h .+ · week .+ · 2\/2 keys\n$/);
  assert.deepEqual(quick, usual);

  const env = readEnvFile(await Deno.readTextFile(`${home.authDir}/.env`));
  const page = await plainGet({
    hostname: host,
    port,
    authority: `${host}:${port}`,
    path: "/health",
    headers: { "x-management-key": env["CLIPROXY_MANAGEMENT_KEY"] ?? "" },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  assert.equal(JSON.parse(page?.text ?? "{}").accounts?.length, 2);

  await home.run(["stop"]);
  const [without, usually] = [
    await home.run(["all", "--line"]),
    await home.run(["all", "--line", "--no-color"]),
  ];
  assert.deepEqual([without.code, without.stdout], [1, ""]);
  assert.match(without.stderr, /not running/);
  assert.deepEqual(without, usually);
});

Deno.test({
  name: "all --line, asked again, needs no answer of the proxy, and shows what has changed since",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using upstream = await startFakeUpstream();
    await using home = await pool(upstream, { work: used(40, 10), spare: used(0, 0) });
    const { pid } = JSON.parse((await home.run(["proxy", "--json"])).stdout);
    const line = () => home.run(["all", "--line"]);
    const first = await line();
    const { lineFile } = runtimePaths(home.authDir);
    await until("the proxy has written the line", () => Deno.stat(lineFile).then(() => true, () => false));
    assert.equal((await Deno.stat(lineFile)).mode! & 0o777, 0o600);
    Deno.kill(pid, "SIGSTOP");
    try {
      assert.deepEqual(await line(), first);
    } finally {
      Deno.kill(pid, "SIGCONT");
    }
    await home.run(["auth", "disable", "spare.json"]);
    await until("the line shows it", async () => (await line()).stdout.includes("1/2 keys"));
    await home.run(["stop"]);
    const after = await line();
    assert.deepEqual([after.code, after.stdout], [1, ""]);
  },
});

Deno.test({
  name: "all --line asks the proxy where its file is something else",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using upstream = await startFakeUpstream();
    await using home = await pool(upstream, { work: used(40, 10) });
    await home.run(["proxy"]);
    const { lineFile } = runtimePaths(home.authDir);
    const things: Readonly<Record<string, () => Promise<unknown>>> = {
      "a text": () => Deno.writeTextFile(lineFile, '{"by":'),
      "a pipe": () => new Deno.Command("mkfifo", { args: [lineFile] }).output(),
      "a folder": () => Deno.mkdir(lineFile),
    };
    for (const [what, put] of Object.entries(things)) {
      await Deno.remove(lineFile).catch(() => {});
      await put();
      const { code, stdout } = await home.run(["all", "--line"]);
      assert.deepEqual([code, stdout], [0, "5h ? · week ? · 1/1 key\n"], what);
    }
  },
});
