import assert from "node:assert/strict";
import { noteAboutRenewal, takeFromCodex } from "../../src/credentials/import_marks.ts";
import { type MarkState, newMark } from "../../src/credentials/renewal_mark.ts";
import { RenewalMarks } from "../../src/credentials/renewal_marks.ts";
import { Secret } from "../../src/values/secret.ts";
import { loginFile } from "../support/logins.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const LOGIN = new Secret(loginFile());
const TOKEN = new Secret("rt_1");

async function marksWith(state: MarkState): Promise<RenewalMarks> {
  const marks = new RenewalMarks(new MemoryFiles(), "/state");
  await marks.write(TOKEN, { ...newMark("/keys/a.json", 1), state });
  return marks;
}

Deno.test("noteAboutRenewal() says when a refresh token is of no use", async () => {
  for (const state of ["spent", "dead", "lost"] as const) {
    assert.match(await noteAboutRenewal(await marksWith(state), LOGIN) ?? "", /ends with its access token/);
  }
  for (const state of ["fresh", "failed", "codex"] as const) {
    assert.equal(await noteAboutRenewal(await marksWith(state), LOGIN), undefined);
  }
  assert.equal(await noteAboutRenewal(await marksWith("spent"), new Secret("{}")), undefined);
});

Deno.test("takeFromCodex() forgets that Codex renews a login, and nothing else", async () => {
  const marks = await marksWith("codex");
  await takeFromCodex(marks, LOGIN, { path: "/keys/b.json", nowMs: 5 });
  assert.deepEqual(await marks.read(TOKEN, ""), newMark("/keys/b.json", 5));
  const spent = await marksWith("spent");
  await takeFromCodex(spent, LOGIN, { path: "/keys/b.json", nowMs: 5 });
  assert.equal((await spent.read(TOKEN, ""))!.state, "spent");
});
