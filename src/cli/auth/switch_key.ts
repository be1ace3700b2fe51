/**
 * What `cdx2 auth disable`, `auth enable` and `auth priority` have in common: each sets one member of a key's auth file. A
 * running proxy notices it by itself.
 * @module
 */

import { changeAuthFile } from "../../auth/auth_file_change.ts";
import type { MemberChange } from "../../auth/auth_file_edit.ts";
import { findKey, listKeys } from "../../auth/folder.ts";
import type { Invocation } from "../command.ts";
import { localSettings } from "../settings.ts";
import type { AuthSwitch } from "./pages.ts";

/** How a key is changed. */
export interface KeySwitch {
  /** The key, as the user named it. */
  readonly name: string;
  /** Begins the error when the name means no key: `Cannot disable the key`. */
  readonly cannot: string;
  /** The change of its file. */
  readonly change: MemberChange;
  /** The line for the user, from the name of the file and whether it had to be changed. */
  readonly line: (file: string, isChanged: boolean) => string;
}

/** Changes the key and says so. Resolves with the exit code. */
export async function switchKey(
  { world, output, flags }: Pick<Invocation<unknown, unknown>, "world" | "output" | "flags">,
  { name, cannot, change, line }: KeySwitch,
  json: boolean | undefined,
): Promise<number> {
  const { files, clock } = world;
  const { settings: { authDir } } = await localSettings(world, flags);
  const { file, email = null } = await findKey(files, authDir, name, cannot);
  const changed = await changeAuthFile({ files, clock, authDir }, file, [change]);
  output.info(line(file, changed));
  if (json) {
    const record = (await listKeys(files, authDir)).records.find((known) => known.file === file);
    const { isDisabled: disabled = false, priority = 0 } = record ?? {};
    output.printJson({ file, email, changed, disabled, priority, auth_dir: authDir } satisfies AuthSwitch);
  }
  return 0;
}
