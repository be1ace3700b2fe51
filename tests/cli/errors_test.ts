import assert from "node:assert/strict";
import { CommanderError } from "@commander-js/extra-typings";
import { reportError } from "../../src/cli/errors.ts";
import { UserError } from "../../src/values/user_error.ts";
import { FileError } from "../../src/system/files.ts";
import { SpawnError } from "../../src/system/foreground.ts";
import { OutputError } from "../../src/system/terminal.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const REPORTS: { what: string; error: unknown; text: string; code: number }[] = [
  { what: "a user error", error: new UserError("It failed"), text: "It failed\n", code: 1 },
  {
    what: "a user error with hint and code",
    error: new UserError("Bad port", { hint: "pass another", exitCode: 2 }),
    text: "Bad port\nhint: pass another\n",
    code: 2,
  },
  {
    what: "a file error",
    error: new FileError("denied", "/keys: permission denied"),
    text: "/keys: permission denied\n",
    code: 1,
  },
  {
    what: "an output that cannot be written",
    error: new OutputError("no space left on device"),
    text: "Cannot write the output: no space left on device\n",
    code: 1,
  },
  {
    what: "a wrong command",
    error: new CommanderError(
      1,
      "commander.unknownCommand",
      "error: unknown command 'statsu'\n(Did you mean status?)",
    ),
    text: "Unknown command 'statsu'\nhint: \"cdx2 --help\" shows what it takes\n",
    code: 2,
  },
  {
    what: "a wrong value",
    error: new CommanderError(1, "commander.invalidArgument", "error: 'x' is invalid. Allowed is 1."),
    text: "'x' is invalid. Allowed is 1\nhint: \"cdx2 --help\" shows what it takes\n",
    code: 2,
  },
  {
    what: "a missing command",
    error: new CommanderError(1, "commander.help", "(outputHelp)"),
    text: "",
    code: 2,
  },
  {
    what: "nothing for help",
    error: new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"),
    text: "",
    code: 0,
  },
  {
    what: "a program that is not there",
    error: new SpawnError("nosuch", "not_found", "there is no such command"),
    text: "Cannot run nosuch: there is no such command\n",
    code: 127,
  },
  {
    what: "a Codex that is not there",
    error: new SpawnError("codex", "not_found", "there is no such command"),
    text: "Cannot run codex: there is no such command\n" +
      'hint: install it with "npm i -g @openai/codex", or set CDX2_CODEX_BIN to its path\n',
    code: 127,
  },
  {
    what: "a program that may not run",
    error: new SpawnError("/etc/passwd", "not_executable", "no permission to execute it"),
    text: "Cannot run /etc/passwd: no permission to execute it\n",
    code: 126,
  },
];

for (const { what, error, text, code } of REPORTS) {
  Deno.test(`reportError() prints ${what} and returns ${code}`, () => {
    const terminal = new FakeTerminal();
    assert.equal(reportError(error, terminal, {}), code);
    assert.equal(terminal.errText, text);
    assert.equal(terminal.outText, "");
  });
}

Deno.test("reportError() calls a bug a bug, with the stack only for CDX2_DEBUG", () => {
  const [plain, debugged] = [new FakeTerminal(), new FakeTerminal()];
  const bug = new TypeError("x is undefined");
  assert.equal(reportError(bug, plain, {}), 1);
  assert.match(plain.errText, /^Unexpected TypeError: x is undefined\nhint: .*CDX2_DEBUG=1.*\n$/);
  reportError(bug, debugged, { CDX2_DEBUG: "1" });
  assert.match(debugged.errText, /errors_test\.ts/);
});

Deno.test("reportError() shows no token", () => {
  const terminal = new FakeTerminal();
  reportError(new Error("sent Bearer sk-abcdefghijklmnop"), terminal, { CDX2_DEBUG: "1" });
  assert.doesNotMatch(terminal.errText, /abcdefghijklmnop/);
});

Deno.test("reportError() also writes JSON with --json, but not for what another program gets", () => {
  const failure = new UserError("It failed", { hint: "try again" });
  const outOf = (line: string) => {
    const terminal = new FakeTerminal();
    reportError(failure, terminal, {}, { args: line.split(" "), commands: new Map() });
    return terminal.outText;
  };
  const error = { code: "failed", message: "It failed", hint: "try again" };
  assert.deepEqual(JSON.parse(outOf("trace --json")), { ok: false, error });
  assert.equal(outOf("run -- tool --json"), "");
  assert.equal(outOf("trace"), "");
});

Deno.test("reportError() writes nothing on an output that cannot be written", () => {
  const terminal = new FakeTerminal();
  reportError(new OutputError("no space left on device"), terminal, {}, {
    args: ["status", "--json"],
    commands: new Map(),
  });
  assert.equal(terminal.outText, "");
});
