import assert from "node:assert/strict";
import { readRenewalFacts } from "../../src/credentials/renewal_facts.ts";
import { loginFile } from "../support/logins.ts";
import { asPort } from "../support/memory_files.ts";
import { RenewalWorld } from "../support/renewal_world.ts";

Deno.test("readRenewalFacts() reads every key with its note, and no file that is not a key", async () => {
  const world = new RenewalWorld();
  await world.renew();
  world.put({ refreshToken: "rt_2", session: "session-2", more: { disabled: true } }, "/keys/idle.json");
  world.files.put("/keys/lab.json", '{"OPENAI_API_KEY":"sk-1"}');
  world.files.put("/keys/notes.json", "nonsense");
  world.files.put("/elsewhere/away.json", loginFile({ session: "session-3" }));
  world.files.link("/keys/linked.json", "/elsewhere/away.json");
  const { keys, codex, isOn } = await readRenewalFacts(world.deps());
  assert.deepEqual(keys.map(({ record, login, mark }) => [record.file, login !== undefined, mark?.state]), [
    ["idle.json", true, undefined],
    ["lab.json", false, undefined],
    ["work.json", true, "fresh"],
  ]);
  assert.deepEqual([codex, isOn], [undefined, true]);
});

Deno.test("readRenewalFacts() finds the tokens that another copy got", async () => {
  const world = new RenewalWorld();
  world.put({}, "/copy/other.json");
  await world.renew();
  const [copy] = (await readRenewalFacts(world.deps("/copy"))).keys;
  assert.equal(copy?.mark?.state, "spent");
  assert.equal(copy?.successor?.refreshToken?.reveal(), "rt_new_1");
});

Deno.test("readRenewalFacts() reads each auth file once", async () => {
  const world = new RenewalWorld();
  world.put({ session: "session-2" }, "/keys/idle.json");
  const read: string[] = [];
  const files = {
    ...asPort(world.files),
    readText: (path: string) => (read.push(path), world.files.readText(path)),
  };
  assert.equal((await readRenewalFacts({ ...world.deps(), files })).keys.length, 2);
  assert.deepEqual(read.filter((path) => path.startsWith("/keys/")).sort(), [
    "/keys/idle.json",
    "/keys/work.json",
  ]);
});
