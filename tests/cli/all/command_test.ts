import assert from "node:assert/strict";
import * as z from "zod/mini";
import { dashboard } from "../../../src/cli/all/page.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { codexLogin } from "../../support/login.ts";
import { T0 } from "../../support/builders.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { machine, usage } from "../../support/usage_world.ts";

Deno.test("all draws a card per key and needs no proxy", async () => {
  const { code, out, err } = await machine(usage(40, 10)).run("all");
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(
    out,
    `\
Global left: 75%  ▰▰▰▰▰▰▰▰▱▱

║ Key    a.json 🟢 plus
║ Email  ⭐ a@x.org
║ 5h     ▰▰▰▰▰▰▱▱▱▱  60% left | reset 10m
║ Weekly ▰▰▰▰▰▰▰▰▰▱  90% left | reset 10m
╚════════════════════════════════════════
`,
  );
});

Deno.test("all asks the configured address, else the upstream", async () => {
  const world = machine(usage(0, 0));
  await world.run("all --upstream http://up.test/backend-api");
  world.env = { ...world.env, CLIPROXY_USAGE_BASE_URL: "http://usage.test" };
  await world.run("all");
  assert.deepEqual(world.upstream.requests.map(({ url }) => url), [
    "http://up.test/backend-api/wham/usage",
    "http://usage.test/api/codex/usage",
  ]);
});

Deno.test("all asks every key at once, and a failure affects only its own card", async () => {
  const { code, out } = await machine(usage(0, 0), answer(401), "not_sent", usage(100, 0)).run("all --plain");
  assert.equal(code, 0);
  assert.match(out, /^a.json: OK, current$/m);
  assert.match(out, /^b.json: UNKNOWN\n.*\n {2}Error: token rejected \(401\)$/m);
  assert.match(out, /^c.json: UNKNOWN\n.*\n {2}Error: not reachable: connection refused$/m);
  assert.match(out, /^d.json: COOLDOWN$/m);
});

Deno.test("all asks neither disabled keys nor expired ones beside valid ones", async () => {
  const world = machine(usage(0, 0));
  const put = (name: string, login: string) => world.machine.files.put(`${AUTH_DIR}/${name}.json`, login);
  put("off", '{"token":"t-off","disabled":true}');
  put("old", codexLogin({ expiresAtMs: T0 - 1000 }));
  const { code, out } = await world.run("all --plain");
  assert.equal(code, 0);
  assert.equal(world.upstream.requests.length, 1);
  assert.match(out, /^off.json: UNKNOWN, disabled$/m);
  assert.match(out, /^old.json: UNKNOWN, expired\n.*\n {2}Error: its token has expired: log in again$/m);
});

Deno.test("all warns of a key whose login nobody can renew, and sends nobody to log in for one that is renewed", async () => {
  const world = machine(usage(0, 0), usage(0, 0));
  const put = (name: string, login: string) => world.machine.files.put(`${AUTH_DIR}/${name}.json`, login);
  put("bare", codexLogin({ expiresAtMs: T0 + 3_600_000, email: "bare@x.org" }));
  put("old", codexLogin({ expiresAtMs: T0 - 1000, accountId: "acct-old", refreshToken: "rt-old" }));
  const { out, err } = await world.run("all --plain");
  assert.match(out, /Error: its token has expired: it is renewed by cdx2$/m);
  assert.match(
    err,
    /bare\.json: its file holds no refresh token, its token expires in 1h; run "cdx2 auth login --replace bare"/,
  );
  assert.doesNotMatch(err, /old\.json.*log/);
});

Deno.test("all asks expired keys when there are no others", async () => {
  const world = machine();
  world.machine.files.put(`${AUTH_DIR}/old.json`, codexLogin({ expiresAtMs: T0 - 1000 }));
  world.upstream = new FakeSend(usage(40, 10));
  const { code, out } = await world.run("all --plain");
  assert.equal(code, 0);
  assert.match(out, /^old.json: WARN, expired, current\n.*\n {2}5h: 60% left/m);
});

Deno.test("all --json has the fields of the contract, without keys as well", async () => {
  for (const replies of [[usage(40, 10), answer(401), usage(75, 95)], []]) {
    const { code, out } = await machine(...replies).run("all --json");
    const { ok } = z.parse(dashboard.schema(z), JSON.parse(out));
    assert.equal(code, ok ? 0 : 1);
    assert.doesNotMatch(out, /t-[abc]/);
  }
});

Deno.test("all applies its thresholds and its window", async () => {
  const { out } = await machine(usage(40, 60)).run("all --json --warn-at 30 --cooldown-at 50 --only weekly");
  const { thresholds, accounts } = JSON.parse(out);
  assert.deepEqual(thresholds, { warn_at: 30, cooldown_at: 50, only: "weekly" });
  assert.deepEqual([accounts[0].status, accounts[0].five_hour], ["COOLDOWN", null]);
});

Deno.test("all waits for each key up to the timeout", async () => {
  const world = machine(usage(0, 0), "hang");
  const running = world.run("all --plain --timeout 2.5");
  await world.machine.clock.advance(2500);
  assert.match((await running).out, /^b.json: UNKNOWN\n.*\n {2}Error: no answer within 2.5s$/m);
});

Deno.test("all marks the key that the running proxy used last, else the login of Codex, else the best", async () => {
  const world = machine(usage(0, 0), usage(10, 0), usage(20, 0));
  const current = async () => JSON.parse((await world.run("all --json")).out).accounts[0].file;
  assert.equal(await current(), "a.json");

  world.machine.files.put("/home/ann/.codex/auth.json", codexLogin({ email: "C@x.org" }));
  world.upstream = new FakeSend(usage(0, 0), usage(10, 0), usage(20, 0));
  assert.equal(await current(), "c.json");

  world.runService();
  const used = { ok: true, accounts: [{ file: "b.json", last_used_at: "2027-01-15T07:59:59.000Z" }] };
  world.answers.set("GET /health", used);
  assert.equal(await current(), "b.json");
});

Deno.test("all prints plain text on a dumb terminal", async () => {
  const world = machine(usage(0, 0));
  world.terminal.outIsTerminal = world.terminal.errIsTerminal = true;
  world.env = { ...world.env, TERM: "dumb" };
  assert.equal((await world.run("all")).out, (await world.run("all --plain")).out);
});

Deno.test("all --watch uses the whole screen, and asks again after a minute", async () => {
  const world = machine(usage(40, 10));
  world.terminal.inIsTerminal = world.terminal.outIsTerminal = true;
  const running = world.run("all --watch --no-color");
  await world.machine.clock.advance(0);
  assert.equal(world.screen.lines[2], "║ Key    a.json 🟢 plus");
  assert.equal(world.upstream.requests.length, 1);
  await world.machine.clock.advance(60_000);
  assert.equal(world.upstream.requests.length, 2);
  world.screen.press("q");
  assert.deepEqual(await running, { code: 0, out: "", err: "" });
});

Deno.test("all --watch waits until there are keys", async () => {
  const world = machine();
  world.terminal.inIsTerminal = world.terminal.outIsTerminal = true;
  void world.run("all --watch");
  await world.machine.clock.advance(0);
  assert.equal(world.screen.lines[0], "There are no usable keys in /keys");
});

Deno.test("all says which logins are borrowed", async () => {
  const world = machine();
  const put = (name: string, login: string) => world.machine.files.put(`${AUTH_DIR}/${name}.json`, login);
  put("lent", codexLogin({ expiresAtMs: T0 + 86_400_000, email: "lent@x.org" }));
  put(
    "own",
    codexLogin({
      expiresAtMs: T0 + 86_400_000,
      email: "own@x.org",
      accountId: "acct-own",
      refreshToken: "rt-own",
    }),
  );
  world.upstream = new FakeSend(usage(0, 0), usage(0, 0));
  const { accounts } = JSON.parse((await world.run("all --json")).out);
  const told = accounts.map(({ file, borrowed }: { file: string; borrowed: boolean }) => [file, borrowed]);
  assert.deepEqual(told.sort(), [["lent.json", true], ["own.json", false]]);
});

/** `[line, what it says]` */
const USAGES: [string, RegExp][] = [
  ["all --warn-at 101", /'101' is invalid. Allowed is a number from 0 to 100/],
  ["all --cooldown-at half", /'half' is invalid/],
  ["all --only day", /Allowed choices are both, 5h, weekly/],
  ["all --timeout 0", /Allowed is a number of seconds from 0.1/],
  ["all --watch 1", /Allowed is a number of seconds from 5/],
  ["all --watch --json", /cannot be used with option/],
  ["all --line --json", /cannot be used with option/],
  ["all --brief --json", /cannot be used with option/],
];

for (const [line, says] of USAGES) {
  Deno.test(`"cdx2 ${line}" is refused`, async () => {
    const { code, out, err } = await machine(usage(0, 0)).run(line);
    assert.deepEqual([code, line.includes("--json") ? "" : out], [2, ""]);
    assert.match(err, says);
  });
}
