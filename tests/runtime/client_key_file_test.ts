import assert from "node:assert/strict";
import { hashOfClientKey, writeClientKeys } from "../../src/config/client_keys.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import {
  changeClientKeys,
  ClientKeyFile,
  clientKeysIn,
  refuseWithoutClients,
} from "../../src/runtime/client_key_file.ts";
import { FileError } from "../../src/system/files.ts";
import { UserError } from "../../src/values/user_error.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/auths";
const FILE = `${DIR}/rr_proxy_v2.clients.json`;
const OPEN = { authDir: DIR, host: "0.0.0.0", requireClientKey: false };
const LOOPBACK = { ...OPEN, host: "127.0.0.1" };

function aClient(name: string) {
  return { name, sha256: hashOfClientKey(name), createdAt: "2026-11-25T10:00:00.000Z" };
}

function namesOf(file: ClientKeyFile): readonly string[] | undefined {
  return file.keys?.map(({ name }) => name);
}

async function opened(settings: typeof OPEN, files: MemoryFiles) {
  const clock = new FakeClock();
  const events: ProxyEvent[] = [];
  const options = { files, clock, settings, publish: (event: ProxyEvent) => void events.push(event) };
  return { file: await ClientKeyFile.open(options), clock, events };
}

Deno.test("a proxy on loopback needs no client keys and reads none", async () => {
  const files = new MemoryFiles({ [FILE]: "broken" });
  const { file, clock, events } = await opened(LOOPBACK, files);
  assert.deepEqual([file.keys, clock.pendingTimers, events], [undefined, 0, []]);
});

Deno.test("the proxy follows the file while it runs", async () => {
  const files = new MemoryFiles({ [FILE]: writeClientKeys([aClient("ci")]) });
  const { file, clock } = await opened(OPEN, files);
  assert.deepEqual(namesOf(file), ["ci"]);
  files.put(FILE, writeClientKeys([aClient("ci"), aClient("laptop")]));
  await clock.advance(1_000);
  assert.deepEqual(namesOf(file), ["ci", "laptop"]);
  files.delete(FILE);
  await clock.advance(1_000);
  assert.deepEqual(namesOf(file), []);
  file[Symbol.dispose]();
  await clock.advance(1_000);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a broken file changes nothing, and one event says so", async () => {
  const files = new MemoryFiles({ [FILE]: writeClientKeys([aClient("ci")]) });
  const { file, clock, events } = await opened(OPEN, files);
  files.put(FILE, "{");
  await clock.advance(5_000);
  assert.deepEqual(namesOf(file), ["ci"]);
  assert.deepEqual(events.map(({ event }) => event), ["clients.unusable"]);
  file[Symbol.dispose]();
});

Deno.test("a file that was broken from the start lets nobody in", async () => {
  const { file, events } = await opened(OPEN, new MemoryFiles({ [FILE]: "{" }));
  assert.deepEqual([namesOf(file), events.length], [[], 1]);
  file[Symbol.dispose]();
});

Deno.test("the file is not looked at any more when the watch has ended", async () => {
  const files = new MemoryFiles({});
  const { file, events, clock } = await opened(OPEN, files);
  files.put(FILE, "{");
  file[Symbol.dispose]();
  await clock.advance(2_000);
  assert.deepEqual([namesOf(file), events], [[], []]);
});

Deno.test("changeClientKeys() keeps what two commands change at once", async () => {
  const files = new MemoryFiles({ [`${DIR}/x`]: "" });
  const clock = new FakeClock();
  const add = (name: string) => changeClientKeys({ files, clock }, DIR, (keys) => [...keys, aClient(name)]);
  const both = Promise.all([add("ci"), add("laptop")]);
  await clock.advance(100);
  await both;
  const names = (await clientKeysIn(files, DIR)).map(({ name }) => name);
  assert.deepEqual(names.toSorted(), ["ci", "laptop"]);
  assert.equal((await files.info(FILE))?.mode, 0o600);
});

Deno.test("changeClientKeys() does not write over a file that it cannot read", async () => {
  const files = new MemoryFiles({ [FILE]: "{" });
  const change = changeClientKeys({ files, clock: new FakeClock() }, DIR, () => []);
  await assert.rejects(change, /Cannot use the client keys in .*rr_proxy_v2.clients.json: it is not a JSON/);
  assert.equal(files.text(FILE), "{");
});

Deno.test("changeClientKeys() says what it cannot write, also when that is the lock", async () => {
  const files = new MemoryFiles();
  files.tryLock = () => Promise.reject(new FileError("other", `${FILE}.lock: read-only file system`));
  await assert.rejects(
    changeClientKeys({ files, clock: new FakeClock() }, DIR, () => []),
    /^UserError: Cannot write the client keys .*clients\.json\.lock: read-only file system$/,
  );
});

Deno.test("changeClientKeys() gives up when the file stays locked, and when it cannot be written", async () => {
  const files = new MemoryFiles({ [FILE]: writeClientKeys([]) });
  const clock = new FakeClock();
  const held = await files.tryLock(`${FILE}.lock`, "");
  const waiting = assert.rejects(changeClientKeys({ files, clock }, DIR, () => []), /Another command/);
  await clock.advance(2_100);
  await waiting;
  held?.release();
  files.failAt(FILE, "no_space");
  await assert.rejects(changeClientKeys({ files, clock }, DIR, () => []), UserError);
});

/** `[settings, texts, what the start says]` */
const STARTS: readonly [typeof OPEN, Record<string, string>, RegExp | undefined][] = [
  [LOOPBACK, {}, undefined],
  [OPEN, { [FILE]: writeClientKeys([aClient("ci")]) }, undefined],
  [OPEN, {}, /^Cannot listen on 0\.0\.0\.0 without client keys/],
  [{ ...LOOPBACK, requireClientKey: true }, {}, /^Cannot listen on 127\.0\.0\.1 without client keys/],
  [OPEN, { [FILE]: writeClientKeys([]) }, /without client keys/],
  [OPEN, { [FILE]: "{" }, /^Cannot use the client keys/],
];
for (const [settings, texts, says] of STARTS) {
  Deno.test(`a start on ${settings.host} with ${JSON.stringify(texts)} ${says ?? "goes on"}`, async () => {
    const start = refuseWithoutClients(new MemoryFiles(texts), settings as never);
    await (says ? assert.rejects(start, { message: says }) : start);
  });
}
