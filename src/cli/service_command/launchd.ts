/**
 * The proxy as an agent of launchd (launchd.plist(5)).
 * @module
 */

import { type Autostart, proxyCommandLine, proxyVariables, stopSeconds, type Wish } from "./wish.ts";
import { indented, xmlElement } from "./xml.ts";

const LABEL = "cdx2.proxy";
const THROTTLE_SECONDS = 2;
// The mask 0077, as the property list wants it: in decimal.
const PRIVATE_UMASK = 0o77;
// launchd gives 256, and each stream takes two.
const DESCRIPTORS = 10_240;

/** The agent, in the folder for the user's own agents. */
export function launchAgent(wish: Wish): Autostart {
  const { homeFolder, platform: { userId } } = wish;
  const domain = `gui/${userId ?? 0}`;
  const file = `${homeFolder}/Library/LaunchAgents/${LABEL}.plist`;
  return {
    manager: "launchd",
    file,
    text: plistText(wish),
    authDirInText: xmlElement("string", wish.authDir),
    enable: [["launchctl", "bootstrap", domain, file]],
    disable: [["launchctl", "bootout", `${domain}/${LABEL}`]],
    forget: [],
    start: ["launchctl", "kickstart", `${domain}/${LABEL}`],
    isActive: ["sh", "-c", `launchctl print ${domain}/${LABEL} | grep -q 'state = running'`],
    logs: (lines, follow) => [
      "tail",
      ...["-n", String(lines)],
      ...(follow ? ["-f"] : []),
      outputFile(wish),
    ],
    notes: wish.memoryMax === undefined ? [] : ["launchd has no limit for the memory that is really in use"],
  };
}

function outputFile({ homeFolder }: Wish): string {
  return `${homeFolder}/Library/Logs/cdx2.log`;
}

function plistText(wish: Wish): string {
  const variables = Object.entries(proxyVariables(wish))
    .flatMap(([name, value]) => [xmlElement("key", name), xmlElement("string", value)]);
  const entries = [
    ...pair("Label", [xmlElement("string", LABEL)]),
    ...pair(
      "ProgramArguments",
      nested("array", proxyCommandLine(wish).map((word) => xmlElement("string", word))),
    ),
    ...(variables.length > 0 ? pair("EnvironmentVariables", nested("dict", variables)) : []),
    ...pair("RunAtLoad", ["<true/>"]),
    // Only after a failure: "cdx2 stop" ends it without one.
    ...pair("KeepAlive", nested("dict", pair("SuccessfulExit", ["<false/>"]))),
    ...pair("ThrottleInterval", [xmlElement("integer", String(THROTTLE_SECONDS))]),
    ...pair("ExitTimeOut", [xmlElement("integer", String(stopSeconds(wish)))]),
    ...pair("ProcessType", [xmlElement("string", "Interactive")]),
    ...pair("Umask", [xmlElement("integer", String(PRIVATE_UMASK))]),
    ...pair(
      "SoftResourceLimits",
      nested("dict", pair("NumberOfFiles", [xmlElement("integer", String(DESCRIPTORS))])),
    ),
    ...pair("StandardOutPath", [xmlElement("string", "/dev/null")]),
    ...pair("StandardErrorPath", [xmlElement("string", outputFile(wish))]),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Made by "cdx2 service install"; "cdx2 service uninstall" removes it. -->
<plist version="1.0">
${nested("dict", entries).join("\n")}
</plist>
`;
}

function pair(key: string, value: readonly string[]): readonly string[] {
  return [xmlElement("key", key), ...value];
}

function nested(name: string, lines: readonly string[]): readonly string[] {
  return [`<${name}>`, ...indented(lines), `</${name}>`];
}
