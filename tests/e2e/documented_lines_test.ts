// The command lines in the README and in docs/ do what their pages promise: each is run by a shell, in a home made for
// the test, with one proxy before an upstream and an issuer of the test. From the source only those of the README, because
// each start then takes a second; the executable runs all.

import assert from "node:assert/strict";
import { happyEvents, json, sse, usageBody } from "../support/answers.ts";
import { type DocumentedLine, documentedLines } from "../support/documented_lines.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { startIssuer } from "../support/issuer.ts";
import { Home } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

/** Lines that cannot run in a test, and why. */
const SKIPPED: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^npx /, "downloads Deno, and builds or tests everything"],
  [/^docker /, "needs a container engine; ci.md's job runs it"],
  [/^cdx2 service /, "changes what the system starts at login"],
  [/^cdx2 version --check/, "asks the host of the releases"],
  [
    /^cdx2 (?:pool(?: --json .*| home .*)?$|usage --pool)/,
    "needs a pool on Redis; the tests of the shared pool have one",
  ],
  [/^set -g /, "a line for tmux"],
  [/^cdx2 auth login --browser/, "needs a browser; login_test.ts logs in as one does"],
  [/^cdx2 auth login --replace/, "each login at the issuer is another user's; login_test.ts logs in again"],
  [/^cdx2 auth refresh work/, "needs a refresh token of the issuer; renewal_test.ts renews"],
  [/^cdx2 auth migrate /, "needs the keyring of the system; keyring_test.ts has one"],
  [/^cdx2 auth remove work\.json$/, "asks at a terminal; auth_test.ts answers"],
];

/** What is run in the place of a part that belongs to another shell, or that names an address out there. */
const REPLACED: readonly (readonly [part: RegExp, by: string, reason: string])[] = [
  [/ \| source$/, "", "fish reads it"],
  [/ \| Out-String \| iex$/, "", "PowerShell reads it"],
  [/^eval "\$\((cdx2 \S+ zsh)\)"$/, "$1", "zsh reads it"],
  [/https:\/\/api\.openai\.com\/v1/, "$UPSTREAM", "it is asked about the key"],
  [/127\.0\.0\.1:8317/, "$ADDRESS", "the port is that of the proxy here"],
  [/--port 8317/, "--port $PORT", "the port is that of the proxy here"],
];

/** They go on until Ctrl-C; it comes when they have begun. */
const ENDLESS = /--foreground|--follow|logs -f|--watch/;

/** What has to be so before a line. */
const PREPARED: readonly (readonly [line: RegExp, shell: string])[] = [
  [/^cdx2 auth rename \S+ work(?:\.json)?$/, "rm -f keys/work.json; cp key.json keys/key-2.json"],
  [/^cdx2 auth login work$/, "rm -f keys/work.json"],
  [/--foreground/, "cdx2 stop"],
  [/--replay/, "cp keys/rr_proxy_v2.events.jsonl ."],
];

/** The proxy is not running after them. */
const STOPS = /--foreground|^cdx2 stop$/;

/** Exit codes other than 0. A proxy that is interrupted before it listens has not ended in order. */
const ENDS_WITH: readonly (readonly [line: RegExp, ...codes: readonly number[]])[] = [
  [/--foreground/, 0, 130],
  [ENDLESS, 130],
];

/** Programs that the lines use besides cdx2. */
const PROGRAMS: Readonly<Record<string, string>> = {
  codex: 'case "$1" in --version) echo codex-cli 0.169.0;; esac',
  gh: "cat >/dev/null",
  ssh: "cat >/dev/null",
  python: "exit 0",
};

const LOGIN = { tokens: { access_token: "token-of-a-file" }, email: "ann@example.com" };
const FILES: Readonly<Record<string, string>> = {
  "key.json": JSON.stringify(LOGIN),
  "accounts.json": JSON.stringify([{ access_token: "token-of-an-account", email: "bob@example.com" }]),
  "tokens.txt": "sk-key-of-the-first-line-of-a-file\nsk-key-of-the-second-line-of-a-file\n",
  "key.txt": "sk-key-of-a-line-that-is-long-enough-to-be-a-key\n",
  "management.key": MANAGEMENT_KEY,
  "ask.py": "",
  ".codex/auth.json": JSON.stringify({ tokens: { access_token: "token-of-codex", account_id: "of-codex" } }),
};

/** For a machine with much else to do. */
const LINE_DEADLINE_S = "60";

/** The keys that every line finds. */
const KEYS: Readonly<Record<string, string>> = {
  "work.json": JSON.stringify({ ...LOGIN, tokens: { access_token: "token-of-work" } }),
  "api-key.json": JSON.stringify({ OPENAI_API_KEY: "sk-key-of-api-key" }),
};

function scripted(upstream: FakeUpstream): FakeUpstream {
  const usage = usageBody(
    { usedPercent: 20, resetAfterSeconds: 900 },
    { usedPercent: 5, resetAfterSeconds: 9000 },
  );
  upstream.reply({}, json(200, { models: [], data: [] }));
  upstream.forPath("/backend-api/wham/usage", json(200, usage));
  upstream.forPath("/backend-api/codex/responses", sse(happyEvents("hi")));
  return upstream;
}

async function furnish(home: Home): Promise<void> {
  const { command, args } = home.commandLine([]);
  const start = [command, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  for (const folder of ["bin", ".codex", ".config/fish/completions"]) {
    await Deno.mkdir(`${home.folder}/${folder}`, { recursive: true });
  }
  for (const [name, script] of Object.entries({ ...PROGRAMS, cdx2: `exec ${start} "$@"` })) {
    await Deno.writeTextFile(`${home.folder}/bin/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  }
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${home.folder}/${name}`, text, { mode: 0o600 });
  }
  await restoreKeys(home);
}

async function restoreKeys({ authDir }: Home): Promise<void> {
  for (const [name, text] of Object.entries(KEYS)) {
    await Deno.writeTextFile(`${authDir}/${name}`, text, { mode: 0o600 });
  }
}

/** The lines that can run, each once. */
function runnable(lines: readonly DocumentedLine[]): readonly DocumentedLine[] {
  const isRun = lines.map((line) => ({ ...line, text: line.text.replace(/\s+# .*$/, "") }))
    .filter(({ text }) => !SKIPPED.some(([skipped]) => skipped.test(text)));
  return [...new Map(isRun.map((line) => [line.text, line])).values()];
}

/** What the shell runs for a line. */
function scriptOf(text: string): string {
  const line = REPLACED.reduce((so, [part, by]) => so.replace(part, by), text);
  // The signal goes to the whole group, as Ctrl-C does.
  const run = ENDLESS.test(line) ? `timeout --preserve-status --signal INT 1 ${line}` : line;
  const before = PREPARED.filter(([prepared]) => prepared.test(text)).map(([, shell]) => shell);
  const after = STOPS.test(text) ? ["code=$?", "cdx2 proxy --quiet", "exit $code"] : [];
  return [...before, run, ...after].join("\n");
}

Deno.test("the command lines in the README and the docs run", async () => {
  await using upstream = scripted(await startFakeUpstream());
  await using issuer = await startIssuer({ device: 1, interval: 1 });
  await using home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_ISSUER: issuer.url,
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  });
  await furnish(home);
  const service = await Service.start(home);
  await service.askForStatus();
  const env = {
    ...home.commandLine([]).env,
    PATH: `${home.folder}/bin:${home.env["PATH"]}`,
    SHELL: "/bin/bash",
    UPSTREAM: upstream.url,
    ADDRESS: service.address,
    PORT: new URL(service.baseUrl).port,
  };
  const isAll = Deno.env.get("CDX2_BIN") !== undefined;
  const inPages = (await documentedLines()).filter(({ page }) => isAll || page === "README.md");
  const lines = runnable(inPages);
  const wrong: string[] = [];
  for (const { page, line, text } of lines) {
    const { code, stdout, stderr } = await new Deno.Command("timeout", {
      args: [LINE_DEADLINE_S, "bash", "-o", "pipefail", "-c", scriptOf(text)],
      cwd: home.folder,
      env,
      clearEnv: true,
      stdin: "null",
    }).output();
    const [, ...expected] = ENDS_WITH.find(([pattern]) => pattern.test(text)) ?? [text, 0];
    const said = new TextDecoder().decode(stderr) || new TextDecoder().decode(stdout);
    if (!expected.includes(code)) {
      wrong.push(`${page}:${line}: ${text}\n  ended with ${code}: ${said.slice(0, 400)}`);
    }
    await restoreKeys(home);
  }
  assert.deepEqual(wrong, []);
  assert.ok(lines.length > (isAll ? 60 : 2), `only ${lines.length} lines were found`);
});

Deno.test("every entry about lines that are run is of use", async () => {
  const texts = (await documentedLines()).map(({ text }) => text.replace(/\s+# .*$/, ""));
  const patterns = [...SKIPPED, ...REPLACED, ...PREPARED, ...ENDS_WITH].map(([pattern]) => pattern);
  for (const pattern of patterns) assert.ok(texts.some((text) => pattern.test(text)), `${pattern}`);
});
