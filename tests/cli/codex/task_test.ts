import assert from "node:assert/strict";
import { type CodexTask, codexTask } from "../../../src/cli/codex/task.ts";

const ID = "01a21612-9013-7310-b034-837b8e51a63e";
const NO_MODEL: CodexTask = { kind: "no_model" };
const BEGIN: CodexTask = { kind: "begin", onScreen: true };
const BEGIN_ONCE: CodexTask = { kind: "begin", onScreen: false };
const CHOOSE: CodexTask = { kind: "choose", onScreen: true };
const CHOOSE_ONCE: CodexTask = { kind: "choose", onScreen: false };
const REOPEN: CodexTask = { kind: "reopen", onScreen: true, chat: ID };
const REOPEN_ONCE: CodexTask = { kind: "reopen", onScreen: false, chat: ID };

/** A word with "_" is one argument with spaces. */
const COMMAND_LINES: [line: string, task: CodexTask][] = [
  ["", BEGIN],
  ["fix_the_login", BEGIN],
  ["-m gpt-x resume_the_work", BEGIN],
  ["agents", BEGIN],
  ["--search -i a.png b.png", BEGIN],
  ["-- resume", BEGIN],
  ["exec hello", BEGIN_ONCE],
  ["e hello", BEGIN_ONCE],
  ["exec -- resume", BEGIN_ONCE],
  ["-m gpt-x exec login", BEGIN_ONCE],
  ["review --uncommitted", BEGIN_ONCE],
  ["app-server", BEGIN_ONCE],
  ["resume", CHOOSE],
  ["resume --last", CHOOSE],
  [`resume --last ${ID}`, CHOOSE],
  ["resume my-chat", CHOOSE],
  ["-C /tmp fork --all", CHOOSE],
  ["fork -m resume", CHOOSE],
  ["exec resume --last go_on", CHOOSE_ONCE],
  ["exec resume my-chat go_on", CHOOSE_ONCE],
  [`resume ${ID}`, REOPEN],
  [`resume ${ID.toUpperCase()} go_on`, REOPEN],
  [`fork -c a=b ${ID}`, REOPEN],
  [`--enable x -s read-only resume --search ${ID}`, REOPEN],
  [`--model=gpt-x resume ${ID}`, REOPEN],
  [`resume ${ID} -i a.png b.png`, REOPEN],
  [`exec resume ${ID} -`, REOPEN_ONCE],
  [`e --json resume ${ID} go_on`, REOPEN_ONCE],
  [`exec fork ${ID} go_on`, REOPEN_ONCE],
  [`exec --output-schema fork resume ${ID}`, REOPEN_ONCE],
  // The user's own choice of a provider counts.
  [`-c model_provider="lab" resume ${ID}`, BEGIN],
  ["-cmodel_provider=lab resume", BEGIN],
  [`exec --config=model_provider=lab resume ${ID}`, BEGIN_ONCE],
  [`--oss resume ${ID}`, BEGIN],
  ["login", NO_MODEL],
  ["login --with-api-key", NO_MODEL],
  ["-c a=b login", NO_MODEL],
  ["logout", NO_MODEL],
  ["mcp list", NO_MODEL],
  [`unarchive ${ID}`, NO_MODEL],
  ["--version", NO_MODEL],
  ["help exec", NO_MODEL],
  ["exec resume --help", NO_MODEL],
];

for (const [line, expected] of COMMAND_LINES) {
  Deno.test(`codexTask() reads "codex ${line}"`, () => {
    const args = line.split(" ").filter((word) => word !== "").map((word) => word.replaceAll("_", " "));
    // The one option that has the character itself.
    const given = args.map((arg) => arg.replace("model provider", "model_provider"));
    assert.deepEqual(codexTask(given), expected);
  });
}
