/**
 * The proxy as a user unit of systemd (systemd.service(5), systemd.exec(5)).
 * @module
 */

import { dirname } from "node:path";
import { MEMORY } from "../../system/memory.ts";
import {
  type Autostart,
  type CommandLine,
  proxyCommandLine,
  proxyVariables,
  stopSeconds,
  type Wish,
} from "./wish.ts";

const UNIT = "cdx2.service";

// It needs no privilege, no device and no other process. It may not be denied memory that is written and executed: that is
// how V8 works.
const HARDENING = [
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "PrivateTmp=yes",
  "ProtectControlGroups=yes",
  "ProtectKernelTunables=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
];

/** The unit, in the folder for the user's own units. */
export function systemdUnit(wish: Wish): Autostart {
  const { env, homeFolder } = wish;
  const folder = `${env["XDG_CONFIG_HOME"] || `${homeFolder}/.config`}/systemd/user`;
  const manage = (...args: readonly string[]) => ["systemctl", "--user", ...args] as const;
  return {
    manager: "systemd",
    file: `${folder}/${UNIT}`,
    text: unitText(wish),
    authDirInText: executed(wish.authDir),
    enable: [manage("daemon-reload"), manage("enable", UNIT)],
    disable: [manage("disable", "--now", UNIT)],
    forget: [manage("daemon-reload")],
    start: manage("start", UNIT),
    isActive: manage("is-active", "--quiet", UNIT),
    logs: (lines, follow) => [
      ...["journalctl", "--user", "--unit", UNIT, "--lines", String(lines)] as const,
      ...(follow ? ["--follow"] : ["--no-pager"]),
    ],
    notes: [
      'to start it at boot instead of at the first login: "loginctl enable-linger"',
      ...(wish.isHardened
        ? [
          'if "cdx2 service logs" says 226/NAMESPACE, this system forbids the lock-in: install with --no-hardening',
        ]
        : []),
    ],
  };
}

function unitText(wish: Wish): string {
  const { memoryMax, isHardened, authDir, envFile, writes } = wish;
  const variables = Object.entries({ ...MEMORY, ...proxyVariables(wish) })
    .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  const places = [...new Set([authDir, dirname(envFile), ...writes])];
  return `# Made by "cdx2 service install"; "cdx2 service uninstall" removes it.
[Unit]
Description=cdx2, a local proxy for Codex
StartLimitIntervalSec=120
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${commandLine(proxyCommandLine(wish))}
${variables.map((line) => `${line}\n`).join("")}Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2
TimeoutStopSec=${stopSeconds(wish)}
UMask=0077
${memoryMax === undefined ? "" : `MemoryMax=${memoryMax}\n`}${
    isHardened ? `${HARDENING.join("\n")}\nReadWritePaths=${places.map(quoted).join(" ")}\n` : ""
  }
[Install]
WantedBy=default.target
`;
}

/** A word of a unit file: in quotes, with `%`, which begins a specifier, doubled. */
function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}

function commandLine([program, ...args]: CommandLine): string {
  return [quoted(program), ...args.map(executed)].join(" ");
}

/** An argument, where `$` begins a variable. In the path of the program it does not. */
function executed(word: string): string {
  return quoted(word).replaceAll("$", "$$$$");
}
