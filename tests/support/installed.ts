// Tests that need a program which not every machine has.

/** Registers a test; where `program` is not on PATH it is passed over, and its name says why. */
export function testWith(program: string, name: string, test: () => Promise<void>): void {
  const isThere = new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).outputSync().success;
  Deno.test({ name: isThere ? name : `${name} (needs ${program})`, ignore: !isThere, fn: test });
}

/** Runs a program with text on its standard input. Returns all that it said, and its exit code when that is not 0. */
export async function saidBy(program: string, args: readonly string[], input = ""): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ stdout, stderr, code }] = await Promise.all([
    child.output(),
    new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}),
  ]);
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return code === 0 ? said : `${said}exit code ${code}`;
}
