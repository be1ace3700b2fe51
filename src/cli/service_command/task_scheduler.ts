/**
 * The proxy as a task of Windows' Task Scheduler (Task Scheduler Schema, version 1.2), at the logon of this user.
 * @module
 */

import { type Autostart, proxyCommandLine, proxyVariables, type Wish } from "./wish.ts";
import { xmlElement, xmlText } from "./xml.ts";

const TASK = "cdx2";

/** The task. Its file is kept, since only the scheduler itself knows the tasks that it was given. */
export function scheduledTask(wish: Wish): Autostart {
  const { env, homeFolder } = wish;
  const file = `${env["LOCALAPPDATA"] || `${homeFolder}/AppData/Local`}/cdx2/service.xml`;
  return {
    manager: "the Task Scheduler",
    file,
    text: taskXml(wish),
    authDirInText: xmlText(windowsQuoted(wish.authDir)),
    enable: [["schtasks", "/Create", "/TN", TASK, "/XML", file, "/F"]],
    disable: [["schtasks", "/End", "/TN", TASK], ["schtasks", "/Delete", "/TN", TASK, "/F"]],
    forget: [],
    start: ["schtasks", "/Run", "/TN", TASK],
    isActive: ["cmd", "/c", `schtasks /Query /TN ${TASK} /FO LIST | findstr /C:Running`],
    logs: undefined,
    notes: [
      ...Object.keys(proxyVariables(wish)).map((name) =>
        `a task has no variables of its own: set ${name} for your user, or in .env`
      ),
      ...(wish.memoryMax === undefined ? [] : ["the Task Scheduler has no limit for memory"]),
    ],
  };
}

function taskXml(wish: Wish): string {
  const { env } = wish;
  const user = [env["USERDOMAIN"], env["USERNAME"]].filter((name) => name).join("\\");
  const userId = user === "" ? "" : xmlElement("UserId", user);
  const [command, ...args] = proxyCommandLine(wish);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>cdx2, a local proxy for Codex. "cdx2 service uninstall" removes it.</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      ${userId}
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      ${userId}
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      ${xmlElement("Command", command)}
      ${xmlElement("Arguments", args.map(windowsQuoted).join(" "))}
    </Exec>
  </Actions>
</Task>
`.replace(/^\s*\n/gm, "");
}

/** A word of a command line, as programs of Windows split it: a backslash is one, except before a quote. */
function windowsQuoted(word: string): string {
  return /^[\w./:\\-]+$/.test(word)
    ? word
    : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
