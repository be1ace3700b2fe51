// A disk of its own for a folder, that a test can fill.

/** A folder on a disk of some KiB; `undefined` where we may not mount one. */
export async function smallDisk(folder: string, sizeKiB: number): Promise<AsyncDisposable | undefined> {
  const args = ["-t", "tmpfs", "-o", `size=${sizeKiB}k,mode=700`, "tmpfs", folder];
  const mounted = await new Deno.Command("mount", { args }).output().catch(() => undefined);
  if (!mounted?.success) return undefined;
  return {
    async [Symbol.asyncDispose]() {
      await new Deno.Command("umount", { args: ["--lazy", folder] }).output();
    },
  };
}
