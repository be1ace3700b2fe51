import assert from "node:assert/strict";
import { LoginHomes } from "../../src/credentials/login_homes.ts";
import { HomeKeeper, HomeKeeping, type HomeKept, type HomeToKeep } from "../../src/runtime/home_keeper.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const LOGIN = "0".repeat(32);
const CLAIM = { memberId: "me", name: "one", sinceMs: 1, round: 1 };

Deno.test("what the worker learns of a home is on the disk before it gets an answer, and only under a login's name", async () => {
  const homes = new LoginHomes(new MemoryFiles(), "/refresh");
  let kept = 0;
  const keeper = new HomeKeeper(homes, () => void kept++);
  let keep: ((home: HomeToKeep) => Promise<HomeKept>) | undefined;
  keeper.serve({ onHome: (act) => void (keep = act) });
  const keeping: HomeKeeping = new HomeKeeping((home) =>
    void keep!(home).then((answer) => keeping.take(answer))
  );
  const [first, second] = await Promise.all([
    keeping.keep(LOGIN, CLAIM),
    keeping.keep(LOGIN, { ...CLAIM, memberId: "other", round: 2 }),
  ]);
  assert.deepEqual([first, second, kept], [true, true, 2]);
  assert.equal((await homes.read()).claims[LOGIN]?.memberId, "other");
  assert.equal(await keeping.keep("../../auths/a.json", CLAIM), false);
  await keeper.close();
});
