import assert from "node:assert/strict";
import { endpointOf, runningLine, runningNotes } from "../../src/cli/running.ts";
import type { Debug } from "../../src/api/debug.ts";
import type { Running } from "../../src/runtime/service.ts";
import { aDebugView, someSettings } from "../support/service_world.ts";

function aRunning(
  how: Running["how"],
  debug: Partial<Debug> = {},
  notes: readonly string[] = [],
): Running {
  return { how, service: aDebugView(debug), notes };
}

const LINES: [running: Running, end: string][] = [
  [aRunning("started", { auth_count: 3 }), "(pid 4120, 3 keys) — started"],
  [aRunning("reused", { auth_count: 1 }), "(pid 4120, 1 key) — already running"],
  [aRunning("replaced", { auth_count: 0 }), "(pid 4120, no keys) — restarted"],
];

for (const [running, end] of LINES) {
  Deno.test(`runningLine() ends with "${end}"`, () => {
    assert.equal(runningLine(running), `cdx2 proxy is running at http://127.0.0.1:8317 ${end}`);
  });
}

const NOTES: { when: string; running: Running; says: RegExp[] }[] = [
  { when: "all is as expected", running: aRunning("started"), says: [] },
  {
    when: "there is something to note",
    running: aRunning("reused", {}, ["it differs"]),
    says: [/^it differs$/],
  },
  {
    when: "there are no keys",
    running: aRunning("started", { auth_count: 0 }),
    says: [/^there are no keys.*\/keys; "cdx2 auth list" says why/],
  },
  {
    when: "others can reach it",
    running: aRunning("reused", { host: "0.0.0.0" }),
    says: [/0\.0\.0\.0: other machines/],
  },
];

for (const { when, running, says } of NOTES) {
  Deno.test(`runningNotes() has ${says.length} notes when ${when}`, () => {
    const notes = runningNotes(running);
    assert.equal(notes.length, says.length);
    says.forEach((pattern, index) => assert.match(notes[index]!, pattern));
  });
}

Deno.test("endpointOf() is on loopback when the proxy listens on all addresses", () => {
  const endpoint = endpointOf(aRunning("started", { host: "::", port: 9000 }), someSettings().settings);
  assert.deepEqual(endpoint, {
    baseUrl: "http://[::1]:9000",
    host: "::",
    port: 9000,
    authDir: "/keys",
    envFile: "/keys/.env",
  });
});
