import assert from "node:assert/strict";
import { renewInProcess } from "../../src/runtime/renewal_process.ts";
import { FakeProcesses } from "../support/fake_processes.ts";

const RENEWAL = {
  file: "work.json",
  outcome: "renewed",
  message: "work.json is renewed",
  token_expires_at: null,
  next_try_at: null,
  login_needed: false,
} as const;

Deno.test("renewInProcess() runs the command for one key, and reads what it answers", async () => {
  const processes = new FakeProcesses();
  processes.selfOutput = () => JSON.stringify({ keys: [RENEWAL] });
  const env = { PATH: "/bin", CLIPROXY_MANAGEMENT_KEY: "secret", CLIPROXY_ISSUER: "http://issuer" };
  const options = { processes, env, authDir: "/keys" };
  assert.deepEqual(await renewInProcess(options, "work.json", { kind: "due" }), RENEWAL);
  await renewInProcess(options, "-x.json", { kind: "refused", accessHash: "abc" });
  const base = ["--json", "--quiet", "--auth-dir", "/keys", "--"];
  assert.deepEqual(processes.spawned.map(({ args }) => args), [
    ["auth", "refresh", "--if-due", ...base, "work.json"],
    ["auth", "refresh", "--refused", "abc", ...base, "-x.json"],
  ]);
  assert.deepEqual(processes.spawned[0]!.env, { PATH: "/bin", CLIPROXY_ISSUER: "http://issuer" });
});

for (
  const output of ["", "killed", "{}", '{"keys":[]}', JSON.stringify({ keys: [{ ...RENEWAL, file: "b" }] })]
) {
  Deno.test(`renewInProcess() knows nothing after ${output || "no output"}`, async () => {
    const processes = new FakeProcesses();
    processes.selfOutput = () => output;
    const options = { processes, env: {}, authDir: "/keys" };
    assert.equal(await renewInProcess(options, "work.json", { kind: "due" }), undefined);
  });
}
