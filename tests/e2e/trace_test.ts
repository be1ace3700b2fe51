// `cdx2 trace` on a real terminal, against the real proxy.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { chunks, happyEvents, json, sse } from "../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { testWith } from "../support/installed.ts";
import { Home, jsonLines } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";
import { quoted, TerminalWindow } from "../support/terminal_window.ts";

async function aHome(upstream: FakeUpstream): Promise<Home> {
  const home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  });
  await home.addKey("work.json", "token-of-work");
  await home.addKey("home.json", "token-of-home");
  return home;
}

/** The status of a model request whose answer is read to its end. */
async function askWhole(baseUrl: string): Promise<number> {
  const response = await fetch(`${baseUrl}/v1/responses`, { method: "POST", body: "{}" });
  await response.text();
  return response.status;
}

/** A window in which `cdx2 trace` has just begun. Its pid is in the file `pid` of the home. */
async function openTrace(home: Home, columns = 80, rows = 24): Promise<TerminalWindow> {
  const { command, args, env } = home.commandLine(["trace"]);
  const tty = await TerminalWindow.open({ columns, rows, env });
  const line = [command, ...args].map(quoted).join(" ");
  await tty.run(`sh -c 'echo $$ >"$HOME/pid"; exec "$@"' sh ${line}; echo "ended with $?"`);
  await tty.untilShows(/q quit/);
  assert.ok(await tty.isTakenOver());
  return tty;
}

async function assertGivenBack(tty: TerminalWindow, exitCode: number): Promise<void> {
  await tty.untilShows(new RegExp(`^ended with ${exitCode}$`, "m"));
  assert.deepEqual([await tty.isTakenOver(), await tty.isCooked()], [false, true]);
}

testWith(
  "tmux",
  "trace shows an attempt as it is made, obeys keys, and gives the terminal back",
  async () => {
    await using upstream = await startFakeUpstream();
    upstream.reply({}, sse(happyEvents("hi")));
    upstream.forToken("token-of-home", json(429, { error: { code: "usage_limit_reached" } }));
    await using home = await aHome(upstream);
    const service = await Service.start(home);
    await using tty = await openTrace(home);
    await tty.untilShows(/keys: 2 ok/);
    await tty.untilShows(/no requests yet/);

    // Each key has its turn.
    assert.deepEqual([await askWhole(service.baseUrl), await askWhole(service.baseUrl)], [200, 200]);
    await tty.untilShows(/ 429 .* home\.json rate_limited/);
    await tty.untilShows(/keys: 1 ok, 1 cooldown/);

    await tty.type("/429");
    const filtered = await tty.untilShows(/filter "429": 1 of 3/);
    assert.doesNotMatch(filtered, / 200 /);
    await tty.press("Enter");
    await tty.untilShows(/q quit/);
    await tty.press("Enter");
    const details = await tty.untilShows(/attempt 2/);
    assert.match(details, /client got +status 200; its stream was complete/);
    assert.match(details, /the account has used up its\s+usage limit/);
    await tty.press("Escape");
    await tty.type("k");
    await tty.untilShows(/home\.json +cooldown +\d+s usage_limit_reached/);

    await tty.type("k");
    await tty.resize(50, 15);
    // The name of the program is left out where there is little room.
    await tty.untilShows(/^live {2}filter/);

    await tty.type("q");
    await assertGivenBack(tty, 0);
  },
);

testWith(
  "tmux",
  "trace shows a request while it runs, and only requests to a model until a is pressed",
  async () => {
    await using upstream = await startFakeUpstream();
    const goOn = Promise.withResolvers<void>();
    const chunk = (written: number) =>
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: written } })}\n\n`;
    upstream.reply({}, json(200, { data: [] }));
    upstream.reply(
      { path: "/backend-api/codex/responses" },
      chunks([chunk(40), `${chunk(41)}data: [DONE]\n\n`], {
        headers: { "content-type": "text/event-stream" },
        lastAfter: goOn.promise,
      }),
    );
    await using home = await aHome(upstream);
    const service = await Service.start(home);
    await using tty = await openTrace(home);
    await (await fetch(`${service.baseUrl}/v1/models`)).text();
    await tty.untilShows(/1 hidden/);
    const answer = await service.ask();
    await tty.untilShows(/1 running .*1 hidden/);
    await tty.untilShows(/ … +\d+s (work|home)\.json streaming +#1 .* 40$/m);
    const status = JSON.parse((await home.run(["status", "--json"])).stdout);
    assert.equal(status.running_requests, 1);
    assert.equal((await (await service.manage("/health")).json()).running_requests, 1);

    goOn.resolve();
    await answer.text();
    await tty.untilShows(/ 200 .*\.json ok +#1 .* 41$/m);
    assert.doesNotMatch(await tty.text(), /running|\/v1\/models/);
    await tty.type("a");
    await tty.untilShows(/GET \/v1\/models/);
  },
);

testWith(
  "tmux",
  "trace gives the terminal back when it is ended from outside, and after Ctrl-C",
  async () => {
    await using upstream = await startFakeUpstream();
    await using home = await aHome(upstream);
    await Service.start(home);
    for (const [name, exitCode] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      await using tty = await openTrace(home);
      Deno.kill(Number(await Deno.readTextFile(`${home.folder}/pid`)), name);
      await assertGivenBack(tty, exitCode);
    }
    await using tty = await openTrace(home);
    await tty.press("C-c");
    await assertGivenBack(tty, 130);
  },
);

testWith("tmux", "trace finds a proxy that was started again on another port, with another key", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, sse(happyEvents("hi")));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("work.json", "token-of-work");
  await home.run(["proxy"]);
  await using tty = await openTrace(home);
  await home.run(["stop"]);
  await tty.untilShows(/reconnecting… \d+s/);

  // Both were kept there; without them the next start chooses others.
  await Deno.remove(`${home.authDir}/.env`);
  const { stdout } = await home.run(["proxy", "--json"]);
  await tty.untilShows(/live/);
  await askWhole(JSON.parse(stdout).base_url);
  await tty.untilShows(/ work\.json ok /);
});

// Of the settings.
const DRAIN_MS = 10_000;

Deno.test("a question that waits for the next attempt is answered by it, and does not hold up the end", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, sse(happyEvents("hi")));
  await using home = await aHome(upstream);
  const service = await Service.start(home);
  const next = service.manage("/trace?after=0&wait=30");
  await service.askForStatus();
  const { events } = await (await next).json();
  assert.equal(events.length, 1);

  const never = service.manage("/trace?after=1&wait=30").catch(() => {});
  await home.run(["stop"]);
  const log = await Deno.readTextFile(runtimePaths(home.authDir).eventsFile);
  const times = jsonLines(log)
    .filter(({ event }) => event === "proxy.shutdown_requested" || event === "proxy.stopped")
    .map(({ ts }) => Date.parse(ts));
  // Held up, it would take all of the drain time.
  assert.ok(times[1]! - times[0]! < DRAIN_MS, `${times}`);
  await never;
});
