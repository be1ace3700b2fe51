/**
 * What a command line of Codex asks for, as far as its route depends on it. Read from the help of Codex 0.169.0.
 * @module
 */

/** What Codex is asked to do. `onScreen`: in its interactive form, else it prints an answer and exits. */
export type CodexTask =
  /** It will not ask a model, so it runs without our arguments. */
  | { readonly kind: "no_model" }
  /** A new chat, or no chat at all. */
  | { readonly kind: "begin"; readonly onScreen: boolean }
  /** A stored chat that Codex or its user chooses: the last one, one of a list, or one with this name. */
  | { readonly kind: "choose"; readonly onScreen: boolean }
  /** The stored chat with this id. */
  | { readonly kind: "reopen"; readonly onScreen: boolean; readonly chat: string };

/** Reads the arguments that the user gives Codex. */
export function codexTask(userArgs: readonly string[]): CodexTask {
  const args = beforeSeparator(userArgs);
  const [command = "", ...words] = wordsOf(args);
  if (NO_MODEL.has(command) || args.some((arg) => PRINTS_AND_EXITS.has(arg))) return { kind: "no_model" };
  const isOnce = ONCE.has(command);
  const verb = isOnce ? words.shift() : command;
  // Only the screen has these; `exec` has "resume" and "fork".
  const onScreen = !isOnce && !OTHER_COMMANDS.has(command);
  if (!REOPENING.has(verb ?? "") || args.some(namesProvider)) return { kind: "begin", onScreen };
  const chat = args.includes("--last") ? undefined : words[0];
  return chat !== undefined && UUID.test(chat)
    ? { kind: "reopen", onScreen, chat: chat.toLowerCase() }
    : { kind: "choose", onScreen };
}

// Some of these change the login and the settings that our arguments would hide; the others work on files.
const NO_MODEL = new Set([
  ...["help", "login", "logout", "mcp", "plugin", "features", "completion", "update"],
  ...["archive", "unarchive", "delete", "apply", "a", "sandbox", "migrate-rollouts", "migrate-nfs-db"],
]);
const PRINTS_AND_EXITS = new Set(["-V", "--version", "-h", "--help"]);
const ONCE = new Set(["exec", "e"]);
const REOPENING = new Set(["resume", "fork"]);
// The remaining commands that have no screen. Any other word is a prompt, and begins a chat on the screen.
const OTHER_COMMANDS = new Set([
  ...["review", "app-server", "remote-control", "doctor", "debug", "queue", "cloud", "exec-server"],
]);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The user's own choice of a provider, which has effect over ours. */
function namesProvider(arg: string): boolean {
  return /^(?:-c|--config=)?model_provider=/.test(arg) || arg === "--oss";
}

const WITH_VALUE = new Set([
  ...["-c", "--config", "--enable", "--disable", "--remote", "--remote-auth-token-env", "-m", "--model"],
  ...["--local-provider", "-p", "--profile", "-s", "--sandbox", "-C", "--cd", "--add-dir"],
  ...["-a", "--ask-for-approval", "--output-schema", "-o", "--output-last-message", "--color"],
  ...["--thread-source", "--cyber-access-program"],
]);
// Takes all words up to the next option.
const WITH_VALUES = new Set(["-i", "--image"]);

/** The arguments that are neither options nor values of options. */
function wordsOf(args: readonly string[]): string[] {
  let taken: "none" | "one" | "all" = "none";
  return args.filter((arg) => {
    const isWord = !arg.startsWith("-") || arg === "-";
    const isFree = isWord && taken === "none";
    if (!isWord) taken = WITH_VALUE.has(arg) ? "one" : WITH_VALUES.has(arg) ? "all" : "none";
    else if (taken === "one") taken = "none";
    return isFree;
  });
}

function beforeSeparator(args: readonly string[]): readonly string[] {
  const separator = args.indexOf("--");
  return separator === -1 ? args : args.slice(0, separator);
}
