// In the real shells: `codex` runs Codex through the proxy with its arguments as they were typed, Codex itself where there
// is no cdx2, and completions are there at the first Tab.

import assert from "node:assert/strict";
import { SHELL_SCRIPTS } from "../../../src/cli/shell_init/scripts.ts";
import { testCompletion } from "../../support/completion.ts";
import { saidBy, testWith } from "../../support/installed.ts";
import { inFolder } from "../../support/temp_folder.ts";

const completions = (name: string) => new URL(`../completions/${name}`, import.meta.url);

testCompletion("bash", ["--norc"], completions("complete_bash.bash"), "shell-init");
testCompletion("zsh", ["-f"], completions("complete_zsh.zsh"), "shell-init");
testCompletion("fish", ["--no-config"], completions("complete_fish.fish"), "shell-init");

/** `[shell, flags, how a start file reads the script]` */
const SHELLS = [
  ["bash", ["--norc", "-c"], "eval \"$(cat init)\"; codex --help 'a b' ''; exit $?"],
  ["zsh", ["-f", "-c"], "eval \"$(cat init)\"; codex --help 'a b' ''; exit $?"],
  ["fish", ["--no-config", "-c"], "cat init | source; codex --help 'a b' ''; exit $status"],
] as const;

const PRINT_ARGS = (name: string) => `#!/bin/sh\nprintf '${name}'; printf '<%s>' "$@"; echo; exit 3\n`;

for (const [shell, flags, line] of SHELLS) {
  testWith(shell, `codex in ${shell} is Codex through the proxy, or itself without cdx2`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/init`, SHELL_SCRIPTS[shell]);
      await Deno.mkdir(`${folder}/bin`);
      await Deno.writeTextFile(`${folder}/bin/codex`, PRINT_ARGS("codex"), { mode: 0o755 });
      const said = () =>
        saidBy("env", [
          "-i",
          `PATH=${folder}/bin:/usr/bin:/bin`,
          `HOME=${folder}`,
          ...[shell, ...flags, line],
        ], { cwd: folder });
      assert.equal(await said(), "codex<--help><a b><>\nexit code 3");
      await Deno.writeTextFile(`${folder}/bin/cdx2`, PRINT_ARGS("cdx2"), { mode: 0o755 });
      assert.equal(await said(), "cdx2<codex><--><--help><a b><>\nexit code 3");
    });
  });
}
