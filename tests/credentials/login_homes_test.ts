import assert from "node:assert/strict";
import { homeIn, LoginHomes } from "../../src/credentials/login_homes.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const CLAIM = { memberId: "me", name: "one", sinceMs: 1, round: 1 };
const LOGIN = "0".repeat(32);

Deno.test("homes are kept, and what cannot be read counts as renewed elsewhere", async () => {
  const files = new MemoryFiles();
  const homes = new LoginHomes(files, "/refresh");
  assert.deepEqual(await homes.read(), { ownId: undefined, claims: {} });
  await homes.beMember("me");
  await homes.write(LOGIN, CLAIM);
  const kept = await homes.read();
  assert.deepEqual(kept, { ownId: "me", claims: { [LOGIN]: CLAIM } });
  assert.deepEqual(homeIn(kept, LOGIN, { isShared: true }), { kind: "here" });
  for (const damaged of ["", "{", "{}", "[]"]) {
    files.put(`/refresh/${LOGIN}.home`, damaged);
    assert.equal(homeIn(await homes.read(), LOGIN, { isShared: false }).kind, "elsewhere", damaged);
  }
});

Deno.test("only a shared pool keeps a login that has no home from being renewed", () => {
  const claims = { [LOGIN]: { ...CLAIM, memberId: "other" }, b: { ...CLAIM, memberId: "" } };
  const kindOf = (login: string | undefined, isShared: boolean) =>
    homeIn({ ownId: "me", claims }, login, { isShared }).kind;
  for (const isShared of [true, false]) {
    const none = isShared ? "nowhere" : "free";
    const kinds = [LOGIN, "b", "c", undefined].map((login) => kindOf(login, isShared));
    assert.deepEqual(kinds, ["elsewhere", none, none, none]);
  }
});
