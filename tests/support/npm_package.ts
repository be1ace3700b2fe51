// Real clients from npm, for tests that need the client itself and not what we think of it. They are installed once
// into the user's cache folder; where npm cannot be reached, there is no such client and the test says so.

const CACHE = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/cdx2-tests`;

/** The folder with the package's `node_modules`, or `undefined` when it cannot be had. `name` has an exact version. */
export async function npmPackage(name: string): Promise<string | undefined> {
  const folder = `${CACHE}/${name.replaceAll(/[^\w.-]/g, "_")}`;
  const isThere = await Deno.stat(`${folder}/installed`).then(() => true, () => false);
  if (isThere) return folder;
  await Deno.mkdir(CACHE, { recursive: true });
  // Two test files may install it at the same time.
  const own = await Deno.makeTempDir({ dir: CACHE });
  const install = new Deno.Command("npm", {
    args: ["install", "--prefix", own, "--no-audit", "--no-fund", name],
    stdout: "null",
    stderr: "null",
  });
  const { success } = await install.output().catch(() => ({ success: false }));
  if (success) await Deno.writeTextFile(`${own}/installed`, "");
  const isFirst = success && await Deno.rename(own, folder).then(() => true, () => false);
  if (!isFirst) await Deno.remove(own, { recursive: true });
  return success ? folder : undefined;
}
