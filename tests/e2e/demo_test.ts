// The demo, as `deno task demo` runs it: the account that it gives, and that it leaves nothing behind.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { until } from "../support/program.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo with a folder of its own for what is temporary, and checks that all of it is gone afterwards. */
async function runDemo(
  permissions: readonly string[],
  during: (demo: Deno.ChildProcess, folder: string) => Promise<void>,
): Promise<Ended> {
  const folder = await Deno.makeTempDir({ prefix: "cdx2-test-" });
  try {
    const demo = new Deno.Command(Deno.execPath(), {
      args: ["run", ...permissions, "--quiet", DEMO],
      env: { TMPDIR: folder, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [{ code, stdout, stderr }] = await Promise.all([demo.output(), during(demo, folder)]);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.equal(await processesWith(folder), "");
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Command lines in which a text occurs. */
async function processesWith(text: string): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-ewwo", "args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(text)).join("\n");
}

/** The cells of a table under its title. */
function table(account: string, title: string): string[][] {
  const [, lines = ""] = new RegExp(`^${title}:\n((?: .*\n)+)`, "m").exec(account) ?? [];
  return lines.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));
}

Deno.test("the demo tells what the client saw, what the proxy did, and how the keys fare", async () => {
  const { code, stdout, stderr } = await runDemo(["-A"], () => Promise.resolve());
  assert.deepEqual([code, stderr], [0, ""]);
  // deno-lint-ignore no-control-regex -- readable without colour
  assert.doesNotMatch(stdout, /\x1b/);
  for (const line of stdout.split("\n")) assert.ok(line.length < 100, line);

  const answers = table(stdout, "What the client saw");
  assert.deepEqual(answers.map(([number, , form, status, words]) => [number, form, status, words]), [
    ["1", "JSON", "200", "Hello from spare"],
    ["2", "stream", "200", "Hello from work"],
    ["3", "stream", "200", "Hello from work"],
    ["4", "JSON", "200", "Hello from spare"],
  ]);

  const attempts = table(stdout, "What the proxy did for it");
  assert.deepEqual(attempts.map(([, , number, ...rest]) => [number, ...rest].join(" ")), [
    "#1 dead.json 401 auth_rejected: token_revoked",
    "#2 limited.json 429 rate_limited: usage_limit_reached",
    "#3 spare.json 200 ok",
    "#1 work.json 200 ok",
    "#1 work.json 200 ok",
    "#1 spare.json 200 ok",
  ]);
  const requestIds = attempts.map(([, requestId]) => requestId);
  assert.deepEqual(requestIds.slice(0, 3), Array(3).fill(requestIds[0]));
  assert.equal(new Set(requestIds).size, 4);

  const keys = table(stdout, "How the keys fare now").map((cells) =>
    cells.join(" ").replace(/[\d:]{8}$/, "TIME")
  );
  assert.deepEqual(keys, [
    "dead.json blacklisted token_revoked until TIME",
    "limited.json cooldown usage_limit_reached until TIME",
    "spare.json ok",
    "work.json ok",
  ]);
});

Deno.test("the demo cleans up after itself when it is interrupted while the proxy starts", async () => {
  const { code } = await runDemo(["-A"], async (demo, folder) => {
    await until("the proxy is being started", async () => (await processesWith(folder)) !== "");
    demo.kill("SIGINT");
  });
  assert.equal(code, 130);
});

Deno.test("the demo says why it cannot go on", async () => {
  const { code, stdout, stderr } = await runDemo(["-A", "--deny-run"], () => Promise.resolve());
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^Requires run access/);
});
