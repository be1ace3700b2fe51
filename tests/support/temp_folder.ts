// A real folder, for what only a disk does.

/** Runs `act` in a folder that is removed afterwards. */
export async function inFolder<Result>(act: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
