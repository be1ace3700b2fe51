// Real clients from npm, for tests that need the client itself and not what we think of it. They are installed once
// into the user's cache folder; where npm cannot be reached, there is no such client and the test says so.

const CACHE = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/cdx2-tests`;

/** The folder with the package's `node_modules`, or `undefined` when it cannot be had. `name` has an exact version. */
export async function npmPackage(name: string): Promise<string | undefined> {
  const folder = `${CACHE}/${name.replaceAll(/[^\w.-]/g, "_")}`;
  const isThere = await Deno.stat(`${folder}/installed`).then(() => true, () => false);
  if (isThere) return folder;
  await Deno.mkdir(folder, { recursive: true });
  const install = new Deno.Command("npm", {
    args: ["install", "--prefix", folder, "--no-audit", "--no-fund", name],
    stdout: "null",
    stderr: "null",
  });
  const { success } = await install.output().catch(() => ({ success: false }));
  if (success) await Deno.writeTextFile(`${folder}/installed`, "");
  return success ? folder : undefined;
}
