// Command lines up to the Tab key, and what a real shell with our script completes there.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CliWorld } from "./cli_world.ts";
import { saidBy, testWith } from "./installed.ts";

const FILES = ["ann@example.com.json", "home.json", "my key.json", "work.json"];
/** What `cdx2 key-names` prints. */
const OTHER_NAMES = ["ann@example.com", "main"];
const KEYS = [...FILES, ...OTHER_NAMES].sort();

/** `[line, candidates]`, the candidates sorted. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ["cdx2 st", ["status", "stop"]],
  ["cdx2 run-", []],
  ["cdx2 --no-color stat", ["status"]],
  ["cdx2 proxy --print", ["--print-env", "--print-env-only"]],
  ["cdx2 proxy --shell po", ["powershell"]],
  ["cdx2 proxy --shell=po", ["powershell"]],
  ["cdx2 proxy --port ", []],
  ["cdx2 status --auth-dir ke", ["keys"]],
  ["cdx2 logs -n 4 --fo", ["--follow"]],
  ["cdx2 logs --upstream status --fo", ["--follow"]],
  ["cdx2 completions ", ["bash", "fish", "powershell", "zsh"]],
  ["cdx2 auth ", [
    "disable",
    "enable",
    "export",
    "import",
    "list",
    "login",
    "migrate",
    "priority",
    "refresh",
    "remove",
    "rename",
  ]],
  ["cdx2 auth import my", ["my-login.json"]],
  ["cdx2 auth remove ", KEYS],
  ["cdx2 auth remove ann@ex", ["ann@example.com", "ann@example.com.json"]],
  ["cdx2 auth disable ma", ["main"]],
  ["cdx2 auth priority w", ["work.json"]],
  ["cdx2 auth rename h", ["home.json"]],
  ["cdx2 auth remove my\\ ", ["my key.json"]],
  ["cdx2 auth remove --yes w", ["work.json"]],
  ["cdx2 reset --name ", KEYS],
  ["cdx2 reset --name=ann@ex", ["ann@example.com", "ann@example.com.json"]],
  ["cdx2 reset --state cool", ["cooldown"]],
  ["cdx2 run cdx2-a-pro", ["cdx2-a-program"]],
  ["cdx2 run -- cdx2-a-pro", ["cdx2-a-program"]],
  ["cdx2 run --qui", ["--quiet"]],
  ["cdx2 run cdx2-a-program --qui", []],
  ["cdx2 run --key w", ["work.json"]],
  ["cdx2 codex --key=ma", ["main"]],
  ["cdx2 codex --qui", ["--quiet"]],
  ["cdx2 codex exec --qui", []],
  ["cdx2 codex exec my", ["my-login.json"]],
];

/**
 * Tests the script of a shell in that shell. `flags` start it without the user's settings; `driver` is a script for it
 * that gets our script and the lines.
 */
export function testCompletion(
  shell: string,
  flags: readonly string[],
  driver: URL,
  command = "completions",
): void {
  testWith(shell, `"cdx2 ${command} ${shell}" completes command lines in a real ${shell}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "cdx2-completions-" });
    try {
      await fill(folder, `${command} ${shell}`);
      const env = ["TERM=xterm", `HOME=${folder}`, `CLIPROXY_AUTH_DIR=${folder}/keys`];
      const path = `PATH=${folder}/bin:${Deno.env.get("PATH")}`;
      const lines = LINES.map(([line]) => line);
      const shellLine = [shell, ...flags, fileURLToPath(driver), `${folder}/script`, ...lines];
      assert.deepEqual(
        candidatesIn(await saidBy("env", ["-i", ...env, path, ...shellLine], { cwd: folder })),
        LINES,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Puts keys, a program, a file and the script that this command line prints into the folder. */
async function fill(folder: string, commandLine: string): Promise<void> {
  for (const name of ["bin", "keys"]) await Deno.mkdir(`${folder}/${name}`);
  for (const file of [...FILES, "rr_proxy_v2.state.json", "notes.txt"]) {
    await Deno.writeTextFile(`${folder}/keys/${file}`, "");
  }
  await Deno.writeTextFile(`${folder}/bin/cdx2-a-program`, "#!/bin/sh\n", { mode: 0o755 });
  const names = OTHER_NAMES.map((name) => `echo ${name}\n`).join("");
  const completions = (await new CliWorld().run(`completions ${commandLine.split(" ")[1]}`)).out;
  await Deno.writeTextFile(`${folder}/completions`, completions);
  const cdx2 =
    `#!/bin/sh\n[ "$1" = completions ] && exec cat ${folder}/completions\n[ "$1" = key-names ] || exit 1\n${names}`;
  await Deno.writeTextFile(`${folder}/bin/cdx2`, cdx2, { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/my-login.json`, "");
  await Deno.writeTextFile(`${folder}/script`, (await new CliWorld().run(commandLine)).out);
}

// Some shells repeat the option before its value, some show the backslash before a space or a slash after a folder, some
// list a candidate twice.
function candidatesIn(said: string): [string, string[]][] {
  return said.split(/^>/m).slice(1).map((part) => {
    const [line = "", ...candidates] = part.split("\n").filter((row) => row !== "");
    const bare = candidates.map((candidate) =>
      candidate.replace(/^--\w+=/, "").replaceAll("\\ ", " ").replace(/\/$/, "")
    );
    return [line, [...new Set(bare)].sort()];
  });
}
