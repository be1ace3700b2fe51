// The sandbox from inside: another worker takes the place of the proxy's own and tries to break out. From source it
// is started here, with the permissions that the program gives. In an executable the program itself starts it: only
// the worker was replaced when it was compiled.
//
//   deno task compile --worker tests/support/probe/worker.ts --out dist/cdx2-probe
//   CDX2_PROBE_BIN=dist/cdx2-probe deno task test:e2e
//
// From outside the worker of the executable proper gives no sign of what it may do: nothing that a client or the
// upstream can send makes it try something else. Its main thread is the one that is tested here, bundled from the
// same files and compiled with the same flags.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { resolveSettings } from "../../src/config/settings.ts";
import { permissionsFor } from "../../src/runtime/sandbox.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import type { Findings } from "../support/probe/worker.ts";
import { Home, RunningProgram } from "../support/program.ts";

const MAY = [
  "read in the auth dir",
  "write the state",
  "write the log",
  "connect to the upstream",
  "listen on the bind address",
];

// Deno looks at the path and not at what it leads to; hence the proxy's own look at each link.
const KNOWN_HOLES = ["read through a link in the auth dir"];
// An executable of Deno 2.6 asks nobody before it imports a file.
const KNOWN_HOLES_COMPILED = ["import from beside the auth dir"];

/** Runs `probe` in a prepared home, and returns what the worker found. */
async function probed(probe: (home: Home, upstream: FakeUpstream) => Promise<void>): Promise<Findings> {
  await using upstream = await startFakeUpstream();
  await using home = await Home.make();
  await Deno.writeTextFile(`${home.authDir}/inside.json`, "{}");
  await Deno.writeTextFile(`${home.authDir}/.env`, "");
  await Deno.writeTextFile(`${home.folder}/outside.json`, "{}");
  await Deno.symlink(`${home.folder}/outside.json`, `${home.authDir}/link`);
  await probe(home, upstream);
  return JSON.parse(await Deno.readTextFile(runtimePaths(home.authDir).stateFile));
}

function assertSandboxed(findings: Findings, holes: readonly string[]): void {
  const entries = Object.entries(findings).filter(([what]) => !holes.includes(what));
  assert.deepEqual(
    Object.fromEntries(entries),
    Object.fromEntries(entries.map(([what]) => [what, MAY.includes(what) ? "done" : "refused"])),
  );
  assert.ok(entries.length > 20);
}

Deno.test("from inside the worker nothing can be reached but the upstream, and nothing written but state and logs", async () => {
  const findings = await probed(async ({ authDir }, upstream) => {
    const flags = { authDir, upstream: upstream.url };
    const { settings } = resolveSettings({ flags, env: {}, homeFolder: "/", cwd: "/" });
    const worker = new Worker(new URL("../support/probe/worker.ts", import.meta.url), {
      type: "module",
      deno: {
        permissions: permissionsFor({ settings, shared: undefined, ownUpstreams: [], proxiedOrigins: [] }),
      },
    });
    const ended = new Promise((resolve) => worker.onmessage = resolve);
    const { managementKey: _, ...plain } = settings;
    worker.postMessage({ kind: "start", start: { settings: plain, ownUpstreams: [] } });
    await ended;
    worker.terminate();
  });
  assertSandboxed(findings, KNOWN_HOLES);
});

const PROBE = Deno.env.get("CDX2_PROBE_BIN");

// In a terminal, Deno asks the user whether to permit what was refused, unless it was compiled not to. `script`
// gives the program a terminal.
const WAYS: Readonly<Record<string, (command: readonly string[]) => readonly [string, readonly string[]]>> = {
  "without a terminal": ([program, ...args]) => [program!, args],
  "in a terminal": (
    command,
  ) => ["script", ["--quiet", "--return", "--command", command.join(" "), "/dev/null"]],
};

for (const [way, through] of Object.entries(WAYS)) {
  Deno.test({
    name: `nor from inside the worker of the executable, ${way}${PROBE ? "" : " (needs CDX2_PROBE_BIN)"}`,
    ignore: !PROBE || (way === "in a terminal" && Deno.build.os !== "linux"),
    fn: async () => {
      const findings = await probed(async ({ env }, upstream) => {
        const [program, args] = through([PROBE!, "proxy", "--foreground", "--upstream", upstream.url]);
        const run = new RunningProgram(program, args, { env });
        assert.deepEqual(await run.finished, { code: 0, stdout: "", stderr: "" });
      });
      assertSandboxed(findings, [...KNOWN_HOLES, ...KNOWN_HOLES_COMPILED]);
    },
  });
}
