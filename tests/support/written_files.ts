// The files of a running service: one that is listed while it is being replaced may be gone when it is read.

/** The texts of the files that are there. */
export async function textsOf(paths: Iterable<string>): Promise<readonly string[]> {
  const texts = await Promise.all([...paths].map((path) => Deno.readTextFile(path).catch(undefinedIfGone)));
  return texts.filter((text) => text !== undefined);
}

function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
