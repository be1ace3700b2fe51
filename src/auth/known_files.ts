/**
 * What was read from the files of an auth dir, so that a file is read again only when it has changed.
 * @module
 */

import { inBatches } from "../values/batches.ts";
import type { Revisions } from "./folder_looks.ts";

/** How files are read. */
export interface FileReading<Read> {
  /** Reads one. */
  readonly read: (name: string) => Promise<Read>;
  /** Whether what was read from a file that has not changed stands; else it is read again. */
  readonly stands: (read: Read) => boolean;
}

/** Remembers what each file gave when it was last read. */
export class KnownFiles<Read> {
  #known: ReadonlyMap<string, { readonly revision: string; readonly read: Read }> = new Map();

  /** What the files give, in their order; those that are not among them are forgotten. Rejects as `read` does. */
  async readAll(now: Revisions, { read, stands }: FileReading<Read>): Promise<readonly Read[]> {
    const all = await inBatches([...now], async ([name, revision]) => {
      const known = this.#known.get(name);
      if (known?.revision === revision && stands(known.read)) return [name, known] as const;
      return [name, { revision, read: await read(name) }] as const;
    });
    this.#known = new Map(all);
    return all.map(([, known]) => known.read);
  }
}
