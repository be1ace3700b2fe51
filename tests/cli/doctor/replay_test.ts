import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { aRecordedDay } from "../../support/recorded_day.ts";

const LOG_PATH = "/logs/events.jsonl";

async function replayed(options = "", log = aRecordedDay()) {
  const world = new CliWorld();
  world.machine.files.put(LOG_PATH, log);
  return await world.run(`doctor --replay ${LOG_PATH} --json ${options}`.trim());
}

async function reported(options = "") {
  const { code, out, err } = await replayed(options);
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out);
}

Deno.test("replayFile() counts what was recorded, and what the rules would have made of it", async () => {
  const { recorded, replayed } = await reported();
  assert.deepEqual(replayed, recorded);
  assert.deepEqual(recorded, {
    requests: 4,
    served: 4,
    refused: {},
    attempts: 5,
    outcomes: { auth_rejected: 1, ok: 4 },
    picks: { "dead.json": 1, "work.json": 4 },
    sessions: 1,
    key_changes: 0,
    cooldowns: 0,
    ejections: 1,
  });
});

Deno.test("replayFile() says what it read, from when to when", async () => {
  const { file, from, to, keys, lines } = await reported();
  assert.deepEqual([file, keys], [LOG_PATH, ["dead.json", "work.json"]]);
  assert.deepEqual([from, to], ["2027-01-15T08:00:59.000Z", "2027-01-15T08:04:00.000Z"]);
  assert.deepEqual(lines, { total: 6, other: 0, unreadable: 0 });
});

Deno.test("replayFile() replays under the rules that are tried, the last of a name", async () => {
  const options = "--set rotation=request --set blacklist_seconds=5 --set blacklist_seconds=10";
  const { replayed, rules } = await reported(options);
  assert.deepEqual(replayed.outcomes, { auth_rejected: 1, ok: 4 });
  assert.deepEqual(rules.rotation, { value: "request", source: "flag" });
  assert.deepEqual(rules.blacklist_seconds, { value: 10, source: "flag", unit: "seconds" });
  assert.equal(rules.hold_seconds.source, "default");
});

const BAD: [tried: string, message: RegExp][] = [
  ["cooldown=1", /^Bad --set "cooldown=1": allowed is name=value .*\nhint: the rules are rotation, /],
  ["port=8317", /^Bad --set "port=8317"/],
  ["rotation", /^Bad --set "rotation"/],
  ["rotation=never", /^Bad rotation "never" \(from --set\): allowed is session or request or drain\n/],
  ["hold_seconds=", /^Bad hold_seconds "" \(from --set\): allowed is a number of seconds/],
  ["cooldown_seconds=1000", /^Bad cooldown_max_seconds "900" .*: allowed is at least cooldown_seconds/],
];

for (const [tried, message] of BAD) {
  Deno.test(`replayFile() refuses --set ${tried}`, async () => {
    const { code, out, err } = await replayed(`--set ${tried}`);
    assert.deepEqual([code, JSON.parse(out).error.code], [2, "wrong_usage"]);
    assert.match(err, message);
  });
}

Deno.test("replayFile() says so when a file records no request", async () => {
  const { code, err } = await replayed("", "nonsense\n");
  assert.equal(code, 1);
  assert.match(
    err,
    /^\/logs\/events\.jsonl records no request that was given a key\nhint: name an event log/,
  );
});
