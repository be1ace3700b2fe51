import assert from "node:assert/strict";
import { nameHash } from "../../src/auth/name_hash.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { affinityKeeper } from "../../src/runtime/affinity_keeper.ts";
import { KeyFolder } from "../../src/runtime/key_folder.ts";
import { stateKeeper } from "../../src/runtime/state_keeper.ts";
import { aChoice, aRecord, aVerdict, POLICY, REJECTED } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { aJournal } from "../support/journal.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/auths";
const key = (token: string) => JSON.stringify({ access_token: token });
// The watch looks every 0.7 s and takes a file in when two looks have found it alike.
const TWO_LOOKS_MS = 1500;
const OWN = "https://api.openai.com/v1";
const reachable = [OWN];

function aFolder(texts: Record<string, string>, clock = new FakeClock()) {
  const files = new MemoryFiles(
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${DIR}/${name}`, text])),
  );
  const journal = aJournal({ files, clock });
  const events = async () => {
    await journal[Symbol.asyncDispose]();
    const lines = (files.text(runtimePaths(DIR).eventsFile) ?? "").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as { event: string; message: string });
  };
  const open = () => KeyFolder.open({ files, clock, authDir: DIR, reachable, policy: POLICY, journal });
  const filesOf = ({ pool }: KeyFolder) => pool.records.map(({ file }) => file);
  return { files, clock, journal, events, open, filesOf };
}

Deno.test("a KeyFolder has the keys of the folder, and reports how many it loaded", async () => {
  const { open, filesOf, events } = aFolder({ "a.json": key("token-of-a"), "b.json": "broken" });
  using folder = await open();
  assert.deepEqual(filesOf(folder), ["a.json"]);
  assert.deepEqual(folder.listing.rejected.map(({ file }) => file), ["b.json"]);
  assert.deepEqual((await events()).map(({ event, message }) => [event, message]), [
    ["auth.loaded", "1 key loaded, 1 auth file rejected"],
  ]);
});

Deno.test("a KeyFolder takes over a clock that is set while it is opened", async () => {
  const { clock, open } = aFolder({ "a.json": key("token-of-a") });
  const opening = open();
  clock.wallAheadMs = 3_600_000;
  using folder = await opening;
  assert.equal(folder.pool.wall.aheadMs, 3_600_000);
});

Deno.test("a KeyFolder brings back the penalties of an earlier run, and reports new ones", async () => {
  const { files, clock, journal, open, events } = aFolder({ "a.json": key("token-of-a") });
  const service = {
    pid: 7,
    identity: "x",
    startedAt: "2027-01-15T08:00:00.000Z",
    version: "1",
    host: "h",
    port: 1,
  };
  using first = await open();
  const verdict = aVerdict(REJECTED, clock.nowMs());
  first.pool.apply({ record: aRecord("a"), startedMs: clock.nowMs() }, verdict);
  const { stateFile } = runtimePaths(DIR);
  const place = { files, clock, path: stateFile, publish: journal.publish };
  await stateKeeper(place, { service, pool: first.pool }).flush();
  using second = await open();
  assert.equal(second.pool.describe(clock.nowMs())[0]!.health.state.kind, "blacklist");
  assert.ok((await events()).some(({ event }) => event === "auth.blacklisted"));
});

Deno.test("a KeyFolder brings back the sessions and ids of an earlier run", async () => {
  const { files, clock, journal, open } = aFolder({
    "a.json": key("token-of-a"),
    "b.json": key("token-of-b"),
  });
  const [session, id] = [nameHash("session", "s"), nameHash("id", "x")];
  using first = await open();
  first.pool.affinity.settle(session, "b.json", true, clock.nowMs());
  first.pool.affinity.remember([id], "b.json", clock.nowMs());
  const place = { files, clock, path: runtimePaths(DIR).sessionsFile, publish: journal.publish };
  await affinityKeeper(place, first.pool.affinity).flush();
  using second = await open();
  assert.equal(second.pool.pick(aChoice({ session }), clock.nowMs())?.key.file, "b.json");
  assert.equal(second.pool.ownerOf([id], clock.nowMs()), "b.json");
});

Deno.test("a KeyFolder follows the folder until it is disposed of", async () => {
  const { files, clock, open, filesOf } = aFolder({ "a.json": key("token-of-a") });
  const folder = await open();
  files.put(`${DIR}/b.json`, key("token-of-b"));
  await clock.advance(TWO_LOOKS_MS);
  assert.deepEqual(filesOf(folder), ["a.json", "b.json"]);
  folder[Symbol.dispose]();
  files.put(`${DIR}/c.json`, key("token-of-c"));
  await clock.advance(TWO_LOOKS_MS);
  assert.deepEqual(filesOf(folder), ["a.json", "b.json"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a KeyFolder hides the tokens that it has read", async () => {
  const { journal, clock, open, events } = aFolder({ "a.json": key("token-of-a") });
  using _folder = await open();
  const message = "the upstream said token-of-a";
  journal.publish({ atMs: clock.nowMs(), level: "error", event: "auth.loaded", message, fields: {} });
  assert.ok(!JSON.stringify(await events()).includes("token-of-a"));
});

Deno.test("a KeyFolder refuses by name a key whose upstream the sandbox does not know", async () => {
  const own = (upstream: string) => JSON.stringify({ token: `token-of-${upstream}`, upstream });
  const { open, filesOf, files, clock } = aFolder({ "a.json": key("token-of-a"), "b.json": own(OWN) });
  using folder = await open();
  assert.deepEqual(filesOf(folder), ["a.json", "b.json"]);
  files.put(`${DIR}/c.json`, own("https://other.example/v1"));
  await clock.advance(TWO_LOOKS_MS);
  assert.deepEqual(filesOf(folder), ["a.json", "b.json"]);
  assert.deepEqual(folder.listing.rejected, [{
    file: "c.json",
    reason: 'the proxy was started without its upstream, other.example; let it in with "cdx2 proxy --force"',
  }]);
});
