/**
 * `cdx2 auth remove`: deletes a key from the auth dir. A running proxy notices that by itself.
 * @module
 */

import { findKey, removeKey } from "../../auth/folder.ts";
import type { NamedKey } from "../../auth/key_names.ts";
import { forgetTokens } from "../../keyring/move_tokens.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { localSettings } from "../settings.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { isAgreed } from "../question.ts";
import type { AuthRemove } from "./pages.ts";
import type { World } from "../world.ts";

/** The command `cdx2 auth remove`. */
export const authRemoveCommand = defineCommand({
  name: "remove",
  summary: "Remove a key by deleting its auth file.",
  examples: [
    ["remove a key after confirmation", "cdx2 auth remove work.json"],
    ["the same by its e-mail, in a script", "cdx2 auth remove ann@example.com --yes"],
  ],
  syntax: (command) =>
    command
      .argument("<key-name>", KEY_NAME_HELP)
      .option("-y, --yes", "Do not ask for confirmation.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options: { yes = false, json } }) => {
    const { files, clock } = world;
    const { settings: { authDir } } = await localSettings(world, flags);
    const removal = await findKey(files, authDir, name, "Cannot remove the key");
    const removed = yes || await isConfirmed(removal, world);
    // Its tokens first: a file whose tokens are gone can still be removed.
    const left = removed ? await forgetTokens({ ...world, authDir }, removal.file) : undefined;
    if (removed) await removeKey({ files, clock, authDir }, removal.file);

    output.info(
      removed ? `removed ${removal.file}; a running proxy stops using it within 2s` : `kept ${removal.file}`,
    );
    if (left !== undefined) output.note(`its tokens may still be in the keyring: ${left}`);
    if (json) {
      const { file, email = null } = removal;
      output.printJson({ removed, file, email, auth_dir: authDir } satisfies AuthRemove);
    }
    return removed ? 0 : 1;
  },
});

async function isConfirmed({ file, email }: NamedKey, { terminal }: World): Promise<boolean> {
  if (!terminal.inIsTerminal) {
    throw new UserError(`Cannot ask whether to remove ${file}: standard input is not a terminal`, {
      hint: "add --yes",
      exitCode: 2,
    });
  }
  const who = email === undefined ? file : `${file} (${email})`;
  return await isAgreed(terminal, `Delete ${who}?`, "no");
}
