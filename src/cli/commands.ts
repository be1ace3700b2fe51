/**
 * The commands by name, in the order of the help. The code of a command is loaded only when a command line names it:
 * with all of them, each start would take some 20 ms longer.
 * @module
 */

import { type CommandName, listed } from "./command_list.ts";
import type { CliCommand } from "./command_tree.ts";

/** `inner` is what follows the name of the command, if it is not an option: the name of one below it. */
type Loader = (inner?: string) => Promise<CliCommand>;

const LOADERS: Readonly<Record<CommandName, Loader>> = {
  "proxy": async () => (await import("./proxy/command.ts")).proxyCommand,
  "status": async () => (await import("./status/command.ts")).statusCommand,
  "stop": async () => (await import("./stop/command.ts")).stopCommand,
  "service": async () => (await import("./service_command/command.ts")).serviceCommand,
  "codex": async () => (await import("./codex/command.ts")).codexCommand,
  "run": async () => (await import("./run/command.ts")).runCommand,
  "setup": async () => (await import("./setup/command.ts")).setupCommand,
  "clients": async () => (await import("./clients/command.ts")).clientsCommand,
  "trace": async () => (await import("./trace/command.ts")).traceCommand,
  "usage": async () => (await import("./usage/command.ts")).usageCommand,
  "logs": async () => (await import("./logs/command.ts")).logsCommand,
  "all": async () => (await import("./all/command.ts")).allCommand,
  "auth": async (inner) => await (await import("./auth/command.ts")).authCommand(inner),
  "pool": async () => (await import("./pool/command.ts")).poolCommand,
  "doctor": async () => (await import("./doctor/command.ts")).doctorCommand,
  "reset": async () => (await import("./reset/command.ts")).resetCommand,
  "version": async () => (await import("./version_command/command.ts")).versionCommand,
  "help": async () => (await import("./help_command/command.ts")).helpCommand,
  "completions": async () => (await import("./completions/command.ts")).completionsCommand,
  "shell-init": async () => (await import("./shell_init/command.ts")).shellInitCommand,
  "key-names": async () => (await import("./key_names/command.ts")).keyNamesCommand,
  "run-server": async () => (await import("./run_server/command.ts")).runServerCommand,
};

const VERSION_FLAGS: readonly string[] = ["-V", "--version"];

/** All commands. */
export async function allCommands(): Promise<readonly CliCommand[]> {
  return await Promise.all(Object.values(LOADERS).map((load) => load()));
}

/** Whether a command line is about other commands and all their options. */
export function describesOthers(args: readonly string[]): boolean {
  return ["completions", "help"].includes(args.find((arg) => arg !== "--no-color") ?? "");
}

/**
 * As many of the commands as it takes to understand this command line, and to say what is wrong with it. Where only their
 * names and summaries are needed, they come without their code.
 */
export async function commandsFor(args: readonly string[]): Promise<readonly CliCommand[]> {
  // No option in front of a command takes a value.
  const [first = "", ...more] = args.filter((arg) => arg !== "--no-color");
  if (VERSION_FLAGS.includes(first)) return [];
  // It describes all of them.
  if (first === "completions") return await allCommands();
  if (first === "help") return await listWith({ help: undefined, [more[0] ?? ""]: more[1] });
  return isName(first) ? [await LOADERS[first](more[0])] : await listWith({});
}

/** The list of commands, those named with their code. The values are the names of commands below them. */
async function listWith(
  named: Readonly<Record<string, string | undefined>>,
): Promise<readonly CliCommand[]> {
  const names = Object.keys(LOADERS) as CommandName[];
  return await Promise.all(names.map((name) => name in named ? LOADERS[name](named[name]) : inList(name)));
}

function inList(name: CommandName): CliCommand {
  return { ...listed(name), details: undefined, examples: [], declare: () => {} };
}

function isName(word: string): word is CommandName {
  return Object.hasOwn(LOADERS, word);
}
