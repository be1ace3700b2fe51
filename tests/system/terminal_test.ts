// The terminal of this process belongs to the test runner, so a process of its own writes here, to pipes.

import assert from "node:assert/strict";
import { ENDING_SIGNALS, signalExitCode } from "../../src/system/process.ts";
import { runScript, startScript } from "../support/script.ts";

const TERMINAL = "system/terminal.ts";

Deno.test("systemTerminal has written everything when the program exits right after it", async () => {
  const { stdout, stderr } = await runScript(
    TERMINAL,
    'it.systemTerminal.out("zwölf\\n".repeat(50_000)); it.systemTerminal.err("beside it\\n"); Deno.exit(0);',
  );
  assert.equal(stdout, "zwölf\n".repeat(50_000));
  assert.equal(stderr, "beside it\n");
});

Deno.test("systemTerminal ends the program quietly when its reader has closed the pipe", async () => {
  const child = startScript(TERMINAL, 'for (;;) it.systemTerminal.out("a line\\n");');
  await child.stdout.cancel();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

Deno.test("systemTerminal does not take a pipe for a terminal", async () => {
  const { stdout } = await runScript(
    TERMINAL,
    "const { outIsTerminal, errIsTerminal, inIsTerminal, out } = it.systemTerminal;" +
      "out(JSON.stringify([outIsTerminal, errIsTerminal, inIsTerminal]));",
  );
  assert.deepEqual(JSON.parse(stdout), [false, false, false]);
});

/** A process in a terminal of its own, whose lines go through `script`; a shell runs `after` in the same one. */
function inTerminal(code: string, after = "exit $?"): Deno.ChildProcess {
  const module = new URL(`../../src/${TERMINAL}`, import.meta.url);
  const program = `import { systemTerminal as it } from "${module}"; ${code}`;
  const args = ["-qec", `"$DENO" eval --no-check "$PROGRAM"; ${after}`, "/dev/null"];
  const env = { DENO: Deno.execPath(), PROGRAM: program, SHELL: "/bin/sh", NO_COLOR: "1" };
  return new Deno.Command("script", { args, env, stdin: "piped", stdout: "piped" }).spawn();
}

/** Types when the question stands there, and returns all that the terminal then shows. */
async function shownWhenTyped(child: Deno.ChildProcess, question: string, typed: string): Promise<string> {
  const writer = child.stdin.getWriter();
  let shown = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const isAsked = shown.includes(question);
    shown += text;
    if (!isAsked && shown.includes(question)) await writer.write(new TextEncoder().encode(typed));
  }
  await writer.close().catch(() => {});
  await child.status;
  return shown;
}

// The `script` of other systems takes other options.
const ON_LINUX = { ignore: Deno.build.os !== "linux" };

Deno.test("askHidden() does not show what is typed, and takes corrections", ON_LINUX, async () => {
  const child = inTerminal(
    'const line = await it.askHidden("key? "); it.out([...line].toReversed().join(""));',
  );
  assert.equal(await shownWhenTyped(child, "key? ", "wrong\x15secreX\x7ft\r"), "key? \r\nterces");
});

Deno.test("askHidden() restores the terminal when it is interrupted", ON_LINUX, async () => {
  const child = inTerminal('await it.askHidden("key? "); it.out("went on");');
  assert.equal(await shownWhenTyped(child, "key? ", "sec\x03"), "key? \r\n");
  assert.equal((await child.status).code, 130);
});

for (const name of ENDING_SIGNALS) {
  Deno.test(`askHidden() restores the terminal when ${name} comes`, ON_LINUX, async () => {
    const code = `setTimeout(() => Deno.kill(Deno.pid, "${name}"), 1); await it.askHidden("key? ");`;
    const child = inTerminal(
      code,
      "echo $?; stty -a | tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo -e isig",
    );
    assert.equal(await shownWhenTyped(child, "key? ", ""), `key? \r\n${signalExitCode(name)}\r\n3\r\n`);
  });
}

Deno.test("ask() returns the line that is typed", ON_LINUX, async () => {
  const child = inTerminal('it.out(JSON.stringify(await it.ask("sure? ")));');
  assert.equal(await shownWhenTyped(child, "sure? ", "yes\r"), 'sure? yes\r\n"yes"');
});

Deno.test("readIn() reads a pipe to its end, and stops after its limit", async () => {
  const module = new URL(`../../src/${TERMINAL}`, import.meta.url);
  const lengthRead = async (input: string, maxBytes: number) => {
    const code =
      `import { systemTerminal as it } from "${module}"; it.out(String((await it.readIn(${maxBytes})).length));`;
    const args = ["eval", "--no-check", code];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
    const [{ stdout }] = await Promise.all([
      child.output(),
      new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}),
    ]);
    return Number(new TextDecoder().decode(stdout));
  };
  assert.equal(await lengthRead("zwölf\n".repeat(1000), 1_000_000), 6000);
  const read = await lengthRead("x".repeat(3_000_000), 1_000_000);
  assert.ok(read >= 1_000_000 && read < 2_000_000, String(read));
});
