import assert from "node:assert/strict";
import { systemdUnit } from "../../../src/cli/service_command/systemd.ts";
import { MEMORY } from "../../../src/system/memory.ts";
import { aWish } from "../../support/autostart_wish.ts";
import { saidBy, testWith } from "../../support/installed.ts";
import { inFolder } from "../../support/temp_folder.ts";

Deno.test("systemdUnit() quotes what units give a meaning", () => {
  const { text } = systemdUnit(aWish("linux", { variables: { NO_PROXY: "a b%" } }));
  assert.match(
    text,
    /^ExecStart="\/opt\/my tools\/cdx2" "proxy" "--foreground" "--auth-dir" "\/home\/ann\/keys & \\"more\\" <50%%> \$\$HOME"$/m,
  );
  assert.match(text, /^Environment="NO_PROXY=a b%%"$/m);
});

Deno.test("systemdUnit() is restarted after a failure, not after a stop or a wrong setting", () => {
  const { text } = systemdUnit(aWish("linux"));
  for (
    const line of ["Restart=on-failure", "RestartPreventExitStatus=2", "TimeoutStopSec=25", "UMask=0077"]
  ) {
    assert.ok(text.split("\n").includes(line), line);
  }
});

Deno.test("systemdUnit() has the proxy return memory as one that a command starts", () => {
  const { text } = systemdUnit(aWish("linux"));
  for (const [name, value] of Object.entries(MEMORY)) {
    assert.ok(text.split("\n").includes(`Environment="${name}=${value}"`), name);
  }
});

Deno.test("systemdUnit() limits memory and locks the proxy in as wished", () => {
  const hard = systemdUnit(aWish("linux", { memoryMax: "1G" }));
  assert.match(hard.text, /^MemoryMax=1G\nNoNewPrivileges=yes\nProtectSystem=strict$/m);
  assert.match(hard.notes.join(), /--no-hardening/);
  const soft = systemdUnit(aWish("linux", { isHardened: false }));
  assert.doesNotMatch(soft.text, /NoNewPrivileges|ReadWritePaths|MemoryMax/);
  assert.doesNotMatch(soft.notes.join(), /--no-hardening/);
});

Deno.test("systemdUnit() may write to the folders that it uses, and to no others", () => {
  const { text } = systemdUnit(aWish("linux", { authDir: "/k", envFile: "/etc/cdx2/env", writes: ["/s"] }));
  assert.match(text, /^ReadWritePaths="\/k" "\/etc\/cdx2" "\/s"$/m);
  assert.match(text, /^Environment="CLIPROXY_ENV_FILE=\/etc\/cdx2\/env"$/m);
});

Deno.test("systemdUnit() is in the user's folder for units", () => {
  assert.equal(systemdUnit(aWish("linux")).file, "/home/ann/.config/systemd/user/cdx2.service");
  const env = { XDG_CONFIG_HOME: "/x" };
  assert.equal(systemdUnit(aWish("linux", { env })).file, "/x/systemd/user/cdx2.service");
});

for (const isHardened of [true, false]) {
  testWith(
    "systemd-analyze",
    `systemd accepts the unit ${isHardened ? "with" : "without"} hardening`,
    async () => {
      await inFolder(async (folder) => {
        const program = `${folder}/my $tools 100%`;
        await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
        const platform = { system: "linux" as const, self: [program] as const, userId: 0 };
        const wish = aWish("linux", {
          platform,
          isHardened,
          memoryMax: "512M",
          variables: { NO_PROXY: 'a "b"' },
        });
        await Deno.writeTextFile(`${folder}/cdx2.service`, systemdUnit(wish).text);
        assert.equal(
          await saidBy("env", [
            ...[`XDG_RUNTIME_DIR=${folder}`, "systemd-analyze", "verify", "--user", `${folder}/cdx2.service`],
          ]),
          "",
        );
      });
    },
  );
}
