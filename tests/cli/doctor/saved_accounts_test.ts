import assert from "node:assert/strict";
import { savedAccounts } from "../../../src/cli/doctor/saved_accounts.ts";
import { fingerprint } from "../../../src/auth/fingerprint.ts";
import { writeState } from "../../../src/runtime/state_file.ts";
import { Secret } from "../../../src/values/secret.ts";
import { AUTH_DIR, PATHS, ServiceWorld } from "../../support/service_world.ts";

async function statesIn(world: ServiceWorld): Promise<readonly string[]> {
  return (await savedAccounts(world.deps())).map(({ file, status, reason }) => `${file} ${status} ${reason}`);
}

function aWorld(): ServiceWorld {
  const world = new ServiceWorld();
  for (const name of ["work", "dead"]) {
    world.files.put(`${AUTH_DIR}/${name}.json`, JSON.stringify({ access_token: `token-of-${name}` }));
  }
  return world;
}

Deno.test("savedAccounts() gives each key of the auth dir the penalty that was saved", async () => {
  const world = aWorld();
  const health = {
    state: { kind: "blacklist", untilMs: world.clock.nowMs() + 60_000, cause: "token_revoked" } as const,
    strikes: 0,
    hardFailures: 1,
    lastStrikeMs: 0,
    nextTrialMs: 0,
    modelLimits: [],
    evidence: undefined,
  };
  const key = { file: "dead.json", tokenHash: fingerprint(new Secret("token-of-dead")), health };
  const record = world.signLock(4120);
  world.files.put(
    PATHS.stateFile,
    writeState({ service: { ...record, host: "127.0.0.1", port: 1 }, keys: [key] }),
  );
  const before = world.files.text(PATHS.stateFile);
  assert.deepEqual((await statesIn(world)).toSorted(), [
    "dead.json BLACKLIST token_revoked",
    "work.json OK null",
  ]);
  assert.equal(world.files.text(PATHS.stateFile), before);
});

Deno.test("savedAccounts() does without a state file that cannot be used, and leaves it alone", async () => {
  const world = aWorld();
  world.files.put(PATHS.stateFile, "damaged");
  assert.deepEqual((await statesIn(world)).toSorted(), ["dead.json OK null", "work.json OK null"]);
  assert.equal(world.files.text(PATHS.stateFile), "damaged");
});
