/**
 * What the list of commands says of each, in its order: names and summaries, without the code of any. A command line that
 * names no command, and the list in the help, need nothing else.
 * @module
 */

/** What the help says of a command in its list. */
export interface ListedCommand {
  /** Its heading; `undefined` for a command that the help does not show. */
  readonly group: string | undefined;
  /** One sentence. */
  readonly summary: string;
}

/** All commands, in the order of the help. */
export const COMMAND_LIST = {
  proxy: { group: "Proxy:", summary: "Start the proxy in the background, unless it is already running." },
  status: { group: "Proxy:", summary: "Show whether the proxy is running, and where." },
  stop: { group: "Proxy:", summary: "Stop the proxy." },
  service: { group: "Proxy:", summary: "Start the proxy at each login, by the system's own manager." },
  codex: { group: "Clients:", summary: "Run Codex through the proxy and return its exit code." },
  run: { group: "Clients:", summary: "Run a command with the proxy's environment and return its exit code." },
  setup: { group: "Clients:", summary: "Route a client through the proxy for good, and undo it." },
  clients: { group: "Clients:", summary: "Make, list and remove the keys of clients on other machines." },
  trace: { group: "Activity:", summary: "Show requests: each attempt, its key and its outcome." },
  usage: { group: "Activity:", summary: "Show what was used: tokens, cache rate, latency, switches of key." },
  logs: { group: "Activity:", summary: "Show the last lines of the service log." },
  all: { group: "Keys:", summary: "Show how much usage is left for each key." },
  auth: { group: "Keys:", summary: "List, add, renew, change and remove keys." },
  pool: {
    group: "Proxy:",
    summary: "Show who shares this proxy's pool of keys and who renews their logins, or change that.",
  },
  doctor: { group: "Keys:", summary: "Show the state of each key and the reason, and check the setup." },
  reset: { group: "Keys:", summary: "Clear the penalties of keys now." },
  version: { group: "Shell:", summary: "Print the version, and with --check whether there is a newer one." },
  help: { group: "Shell:", summary: "Show the help of a command, or all settings." },
  completions: { group: "Shell:", summary: "Print a completion script for your shell." },
  "shell-init": {
    group: "Shell:",
    summary: "Print a function codex that runs Codex through the proxy, with completions.",
  },
  "key-names": { group: undefined, summary: "Print the aliases and e-mails that name one key, one a line." },
  "run-server": { group: undefined, summary: "Run the proxy process itself; `cdx2 proxy` starts it." },
} as const satisfies Readonly<Record<string, ListedCommand>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMAND_LIST;

/** What the definition of a command takes from the list. */
export function listed(
  name: CommandName,
): ListedCommand & { readonly name: string; readonly isHidden: boolean } {
  const { group, summary }: ListedCommand = COMMAND_LIST[name];
  return { name, group, summary, isHidden: group === undefined };
}
