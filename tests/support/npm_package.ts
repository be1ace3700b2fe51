// Real clients from npm, for tests that need the client itself and not what we think of it. They are installed once
// into the user's cache folder; where npm cannot be reached, there is no such client and the test says so.

const CACHE = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/cdx2-tests`;
/** Some seconds are enough. npm itself waits for 15 minutes for each of its downloads. */
const INSTALLED_WITHIN_MS = 180_000;
/** Of the test files of a run, only the first one waits in vain. */
const FAILURE_LASTS_MS = 900_000;

/** The folder with the package's `node_modules`, or `undefined` when it cannot be had. `name` has an exact version. */
export async function npmPackage(name: string): Promise<string | undefined> {
  const folder = `${CACHE}/${name.replaceAll(/[^\w.-]/g, "_")}`;
  const failure = `${folder}.failed`;
  await Deno.mkdir(CACHE, { recursive: true });
  // Several test files want it at the same time.
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (await changedMs(`${folder}/installed`)) return folder;
  if (await changedMs(failure) > Date.now() - FAILURE_LASTS_MS) return undefined;
  // What an installation that was ended has left would be taken for a package.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const install = new Deno.Command("npm", {
    args: ["install", "--prefix", folder, "--no-audit", "--no-fund", name],
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(INSTALLED_WITHIN_MS),
  });
  const { success } = await install.output().catch(() => ({ success: false }));
  await Deno.writeTextFile(success ? `${folder}/installed` : failure, "");
  return success ? folder : undefined;
}

/** When a file was written; 0 when there is none. */
async function changedMs(path: string): Promise<number> {
  return await Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => 0);
}
