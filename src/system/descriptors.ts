/**
 * How many files and sockets this process may still open. The system tells the limit and the number in use in other
 * ways on each platform; trying it works everywhere, and needs no more than the null device.
 * @module
 */

/** The file that is opened to try. The sandbox has to permit reading it. */
export const NULL_DEVICE = "/dev/null";

/**
 * Whether `count` descriptors are free. Takes about 10 µs for each, in which other threads may find none. Always true
 * where processes have no such limit.
 */
export function hasSpareDescriptors(count: number): boolean {
  const opened: Deno.FsFile[] = [];
  try {
    while (opened.length < count) opened.push(Deno.openSync(NULL_DEVICE));
    return true;
  } catch (error) {
    return !isDescriptorShortage(error);
  } finally {
    for (const file of opened) file.close();
  }
}

/** EMFILE, the limit of this process, or ENFILE, that of the machine. */
export function isDescriptorShortage(error: unknown): boolean {
  const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  return /EMFILE|ENFILE|os error 2[34]\b/.test(text);
}
