/**
 * What other tools call the things that our commands do. A word that is not a command is looked up here before the
 * nearest name is suggested: "restart" is not a mistyped "reset".
 * @module
 */

import { nearest } from "../values/nearest.ts";

/** The command line that does what is meant, by the words that stand for it, below each command. */
export const SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cdx2: {
    "cdx2 proxy": "start up serve server daemon background",
    "cdx2 proxy --force": "restart reload",
    "cdx2 proxy --print-env": "env environment export",
    "cdx2 stop": "kill down quit exit shutdown",
    "cdx2 status": "info ps show state",
    "cdx2 status --settings": "config settings get",
    "cdx2 auth list": "list ls keys key accounts account whoami token expiry",
    "cdx2 auth login": "login signin",
    "cdx2 auth import": "add import",
    "cdx2 auth remove KEY": "remove rm delete del logout signout",
    "cdx2 auth rename KEY NAME": "rename mv",
    "cdx2 auth refresh": "refresh renew",
    "cdx2 auth enable KEY": "enable",
    "cdx2 auth disable KEY": "disable pause ban block",
    "cdx2 auth priority KEY NUMBER": "priority prefer order",
    "cdx2 auth migrate --to keyring": "migrate keyring",
    "cdx2 codex --key KEY": "switch use select pick",
    "cdx2 codex": "chat ask",
    "cdx2 codex resume": "resume continue",
    "cdx2 all": "limits limit quota quotas dashboard forecast windows left remaining",
    "cdx2 usage": "history stats statistics cost costs spend spending tokens billing",
    "cdx2 usage --by session": "session sessions",
    "cdx2 usage --by model": "model models",
    "cdx2 usage --html FILE": "html report plot plots web ui gui",
    "cdx2 trace": "watch top monitor requests live tui attempts",
    "cdx2 logs": "log journal",
    "cdx2 logs --events": "events event",
    "cdx2 logs --follow": "tail follow",
    "cdx2 doctor": "health check diagnose diagnosis debug verify test ping",
    "cdx2 reset": "unblock unban clear",
    "cdx2 run -- COMMAND": "exec",
    "cdx2 clients list": "client",
    "cdx2 setup codex": "init install route configure",
    "cdx2 setup codex --undo": "uninstall unsetup undo",
    "cdx2 service install": "autostart boot systemd launchd",
    "cdx2 completions bash": "completion",
    "cdx2 shell-init bash": "shell alias init-shell",
    "cdx2 version --check": "update upgrade",
    "cdx2 help settings": "setting notify options",
    "cdx2 help": "commands man docs manual usage-help",
  },
  "cdx2 auth": {
    "cdx2 auth list": "ls show status info whoami keys",
    "cdx2 auth import": "add new create",
    "cdx2 auth remove KEY": "rm delete del logout",
    "cdx2 auth rename KEY NAME": "mv name",
    "cdx2 auth migrate --to keyring": "move keyring",
    "cdx2 auth enable KEY": "on",
    "cdx2 auth disable KEY": "off pause",
  },
  "cdx2 clients": {
    "cdx2 clients list": "ls show",
    "cdx2 clients add NAME": "new create make",
    "cdx2 clients remove NAME": "rm delete del revoke",
  },
  "cdx2 service": {
    "cdx2 service install": "enable add",
    "cdx2 service uninstall": "disable remove rm delete",
    "cdx2 service logs": "log",
  },
};

/**
 * The whole command line that was probably meant by `word`, which is not one of `commands` below `path`; `undefined` when
 * nothing is near.
 */
export function meantCommand(word: string, path: string, commands: readonly string[]): string | undefined {
  const asked = word.toLowerCase();
  const synonym = synonymOf(asked, path);
  if (synonym !== undefined) return synonym;
  const name = nearest(asked, commands);
  if (name !== undefined) return `${path} ${name}`;
  // "cdx2 service restart" is about the proxy, like "cdx2 restart".
  return path === "cdx2" ? undefined : synonymOf(asked, "cdx2");
}

function synonymOf(word: string, path: string): string | undefined {
  return Object.entries(SYNONYMS[path] ?? {}).find(([, words]) => words.split(" ").includes(word))?.[0];
}
