import assert from "node:assert/strict";
import { checkCodexRoute, codexRouting } from "../../../src/cli/doctor/codex_route.ts";
import { aRunningService, someFacts } from "../../support/doctor_facts.ts";
import { FakeProcesses } from "../../support/fake_processes.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

const UNASKED = { kind: "unasked" as const, reason: "r", hint: null, accounts: [] };
const RUNNING = aRunningService();
const PORT = RUNNING.debug.port;

const CASES = [
  ["no route", RUNNING, [], undefined],
  ["a route to this proxy", RUNNING, [{ port: PORT, listener: 1 }], /^\/c routes Codex to this proxy/],
  [
    "a route to a proxy that is not there",
    UNASKED,
    [{ port: 81, listener: undefined }],
    /port 81, where nothing listens$/,
  ],
  [
    "a route to another program",
    UNASKED,
    [{ port: 81, listener: 7 }],
    /where pid 7 listens, not this proxy$/,
  ],
  [
    "a route to another port",
    RUNNING,
    [{ port: 81, listener: undefined }],
    /port 81, where nothing listens$/,
  ],
] as const;

for (const [what, service, routes, says] of CASES) {
  Deno.test(`checkCodexRoute() of ${what}`, () => {
    const check = checkCodexRoute(someFacts({ service, codexRouting: { path: "/c", routes } }));
    if (says === undefined) assert.equal(check, undefined);
    else assert.match(check!.message, says);
    assert.equal(check?.status === "fail", check?.hint?.includes("--undo") ?? false);
  });
}

Deno.test("codexRouting() reads the file of CODEX_HOME, and takes none for no route", async () => {
  const processes = new FakeProcesses();
  processes.listeners.set(81, 7);
  const files = new MemoryFiles({ "/c/config.toml": "openai_base_url = 'http://127.0.0.1:81'\n" });
  const world = { files, processes, env: { CODEX_HOME: "/c" }, homeFolder: "/home/ann" };
  assert.deepEqual(await codexRouting(world), {
    path: "/c/config.toml",
    routes: [{ port: 81, listener: 7 }],
  });
  assert.deepEqual((await codexRouting({ ...world, env: {} })).routes, []);
});
