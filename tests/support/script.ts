// Code of ours in a process of its own, for what cannot be seen from inside of the tests' own process: its end, its
// output, and what the system does after it was killed.

const SRC = new URL("../../src/", import.meta.url);

/** Runs `code`, in which `it` stands for the module at `path` under src/. Its output is piped. */
export function startScript(
  path: string,
  code: string,
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", `import * as it from "${new URL(path, SRC)}"; ${code}`],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `code` to its end. */
export async function runScript(path: string, code: string, env?: Readonly<Record<string, string>>) {
  const { code: exitCode, stdout, stderr } = await startScript(path, code, env).output();
  return { exitCode, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
