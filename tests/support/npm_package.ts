// Real clients from npm, for tests that need the client itself and not what we think of it. They are installed once
// into the user's cache folder; where npm cannot be reached, there is no such client and the test says so.

import { CACHE, machineLock } from "./machine_lock.ts";

/** Some seconds are enough. npm itself waits for 15 minutes for each of its downloads. */
const INSTALLED_WITHIN_MS = 180_000;
/** Of the test files of a run, only the first one waits in vain. */
const FAILURE_LASTS_MS = 900_000;

/** The folder with the package's `node_modules`, or `undefined` when it cannot be had. `name` has an exact version. */
export async function npmPackage(name: string): Promise<string | undefined> {
  const folderName = name.replaceAll(/[^\w.-]/g, "_");
  const folder = `${CACHE}/${folderName}`;
  const failure = `${folder}.failed`;
  // Several test files want it at the same time.
  using _lock = await machineLock(folderName);
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
