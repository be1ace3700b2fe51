// Tests that need a program which not every machine has.

/** Whether a program is on PATH. */
export function isInstalled(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).outputSync().success;
}

/** Registers a test; where `program` is not on PATH it is passed over, and its name says why. */
export function testWith(program: string, name: string, test: () => Promise<void>): void {
  const isThere = isInstalled(program);
  Deno.test({ name: isThere ? name : `${name} (needs ${program})`, ignore: !isThere, fn: test });
}

interface Surroundings {
  /** On standard input; nothing when absent. */
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs a program. Returns all that it printed, followed by its exit code if that is not 0. */
export async function saidBy(
  program: string,
  args: readonly string[],
  { input = "", ...rest }: Surroundings = {},
): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...rest,
  }).spawn();
  const [{ stdout, stderr, code }] = await Promise.all([
    child.output(),
    // It need not read it.
    new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}),
  ]);
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return code === 0 ? said : `${said}exit code ${code}`;
}
